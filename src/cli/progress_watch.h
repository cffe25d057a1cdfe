// Watches what the program does itself, for seconds or hours: Ctrl-C, and how far it is.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace cairn::cli {

/// Returns the seconds from `began` until now.
inline double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// While it lives, Ctrl-C sets `cancelled` within 20 ms, and on a terminal a line on standard error
/// shows what `text` says of the seconds until now, once they are more than half a one.
class ProgressWatch {
 public:
  /// `text` is called from a thread of the watch's own.
  ProgressWatch(std::atomic<bool>& cancelled, std::function<std::string(double seconds)> text);
  ProgressWatch(const ProgressWatch&) = delete;
  ProgressWatch& operator=(const ProgressWatch&) = delete;
  ~ProgressWatch();

 private:
  void run();

  std::atomic<bool>& cancelled_;
  const std::function<std::string(double seconds)> text_;
  std::atomic<bool> done_{false};
  bool shown_ = false;
  std::thread thread_;
};

}  // namespace cairn::cli
