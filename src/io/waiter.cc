#include "io/waiter.h"

#include <chrono>
#include <thread>

namespace cairn::io {

int64_t SystemWaiter::steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void SystemWaiter::wait_us(int64_t micros) {
  if (micros > 0) std::this_thread::sleep_for(std::chrono::microseconds(micros));
}

bool SystemWaiter::wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                              int64_t until_us, const std::function<bool()>& done) {
  const std::chrono::steady_clock::time_point until{std::chrono::microseconds(until_us)};
  return changed.wait_until(lock, until, done);
}

}  // namespace cairn::io
