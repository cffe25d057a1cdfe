#include "query/internal/watchdog.h"

#include <utility>

namespace cairn::query {
namespace {

constexpr int64_t kAgainUs = 20'000;

}  // namespace

Watchdog::Watchdog(std::function<void()> stop, io::Waiter& waiter)
    : stop_(std::move(stop)), waiter_(waiter), thread_([this] { run(); }) {}

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
    deadline_us_ = waiter_.steady_us() + limit_us;
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
    } else if (!waiter_.wait_until(changed_, lock, deadline_us_, changed)) {
      // The lock is held, so that stop_ never meets a statement that began after this one.
      if (const auto ticket = watched_.lock()) {
        ticket->expired = true;
        stop_();
      }
      deadline_us_ = waiter_.steady_us() + kAgainUs;
    }
  }
}

}  // namespace cairn::query
