#include "server/internal/pace_timer.h"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace cairn::server::internal {

struct PaceTimer::State {
  explicit State(const boost::asio::any_io_executor& executor) : timer(executor) {}

  boost::asio::steady_timer timer;
  std::function<void()> expire;
  Pace pace;
  uint64_t window_bytes = 0;
  uint64_t arming = 0;  ///< tells a wait that was replaced when its end was queued already
  bool expired = false;
};

PaceTimer::PaceTimer(const boost::asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}

PaceTimer::~PaceTimer() = default;

void PaceTimer::on_expiry(std::function<void()> expire) {
  state_->expire = std::move(expire);
}

void PaceTimer::arm(int64_t millis) {
  arm(Pace{.window_ms = millis, .windows_max = 1});
}

void PaceTimer::arm(const Pace& pace) {
  state_->pace = pace;
  state_->expired = false;
  wait(state_, pace.windows_max);
}

void PaceTimer::wait(const std::shared_ptr<State>& state, int64_t windows_left) {
  state->window_bytes = 0;
  state->timer.expires_after(std::chrono::milliseconds(state->pace.window_ms));
  state->timer.async_wait([weak = std::weak_ptr<State>(state), number = ++state->arming,
                           windows_left](boost::system::error_code code) {
    const auto alive = weak.lock();
    if (code || !alive || alive->arming != number) return;
    if (windows_left > 1 && alive->window_bytes >= alive->pace.bytes_min)
      return wait(alive, windows_left - 1);
    alive->expired = true;
    alive->expire();
  });
}

void PaceTimer::count(uint64_t bytes) {
  state_->window_bytes += bytes;
}

void PaceTimer::disarm() {
  ++state_->arming;
  state_->timer.cancel();
}

bool PaceTimer::expired() const {
  return state_->expired;
}

}  // namespace cairn::server::internal
