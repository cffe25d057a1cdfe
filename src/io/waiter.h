// Waiting, so that tests need not.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace cairn::io {

class Waiter {
 public:
  virtual ~Waiter() = default;

  /// Microseconds of a clock that is never set.
  virtual int64_t steady_us() = 0;
  virtual void wait_us(int64_t micros) = 0;

  /// Waits on `changed` until `done` returns true or steady_us() reaches `until_us`, and returns
  /// what `done` returns then. Calls `done` with `lock` held, and releases `lock` while it waits.
  virtual bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                          int64_t until_us, const std::function<bool()>& done) = 0;
};

/// The machine's. Thread-safe.
class SystemWaiter final : public Waiter {
 public:
  int64_t steady_us() override;
  void wait_us(int64_t micros) override;
  bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  int64_t until_us, const std::function<bool()>& done) override;
};

}  // namespace cairn::io
