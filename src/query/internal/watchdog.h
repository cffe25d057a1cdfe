// Stops a statement that runs for too long.
#pragma once

#include "io/waiter.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace cairn::query {

class Watchdog {
 public:
  /// A statement that is being watched; it is over when the last copy goes.
  struct Ticket {
    std::atomic<bool> expired{false};
  };

  /// `stop` is called from a thread of the watchdog's own, again and again while the statement goes
  /// on: an engine that is planning forgets a call that comes too early. `waiter` must outlive the
  /// watchdog.
  Watchdog(std::function<void()> stop, io::Waiter& waiter);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// Watches from now on this statement only. `limit_us` above 0.
  std::shared_ptr<Ticket> watch(int64_t limit_us);

 private:
  void run();

  std::function<void()> stop_;
  io::Waiter& waiter_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::weak_ptr<Ticket> watched_;
  int64_t deadline_us_ = 0;  ///< of waiter_'s clock
  uint64_t number_ = 0;      ///< of the statement
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace cairn::query
