#include "query/internal/watchdog.h"

#include <utility>

namespace cairn::query {
namespace {

constexpr std::chrono::milliseconds kAgain{20};

}  // namespace

Watchdog::Watchdog(std::function<void()> stop)
    : stop_(std::move(stop)), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<Watchdog::Ticket> Watchdog::watch(int64_t limit_us) {
  auto ticket = std::make_shared<Ticket>();
  {
    const std::lock_guard lock(mutex_);
    watched_ = ticket;
    deadline_ = std::chrono::steady_clock::now() + std::chrono::microseconds(limit_us);
    ++number_;
  }
  changed_.notify_all();
  return ticket;
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    const uint64_t number = number_;
    const auto changed = [&] { return ended_ || number_ != number; };
    if (watched_.expired()) {
      changed_.wait(lock, changed);
    } else if (!changed_.wait_until(lock, deadline_, changed)) {
      // The lock is held, so that stop_ never meets a statement that began after this one.
      if (const auto ticket = watched_.lock()) {
        ticket->expired = true;
        stop_();
      }
      deadline_ = std::chrono::steady_clock::now() + kAgain;
    }
  }
}

}  // namespace cairn::query
