// The time that a client has for what it is doing: all in all, and for each part of it.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

namespace cairn::server::internal {

/// How fast bytes have to come: so many in each window of time, but for the last one.
struct Pace {
  int64_t window_ms = 0;
  uint64_t bytes_min = 0;
  int64_t windows_max = std::numeric_limits<int64_t>::max();
};

/// Calls a function when time is over. All calls come from one strand, whose executor it is given.
class PaceTimer {
 public:
  explicit PaceTimer(const boost::asio::any_io_executor& executor);
  ~PaceTimer();
  PaceTimer(const PaceTimer&) = delete;
  PaceTimer& operator=(const PaceTimer&) = delete;

  /// What arm() calls in the end. Must not keep the timer's owner alive.
  void on_expiry(std::function<void()> expire);

  /// Restarts the timer: time is over after `millis`.
  void arm(int64_t millis);
  /// Restarts the timer: time is over after a window in which too few bytes were counted, or after
  /// the last window.
  void arm(const Pace& pace);
  void count(uint64_t bytes);
  void disarm();

  /// Time was over since the last arm().
  bool expired() const;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state, int64_t windows_left);

  std::shared_ptr<State> state_;
};

}  // namespace cairn::server::internal
