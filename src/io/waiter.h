// Waiting, so that tests need not.
#pragma once

#include <cstdint>

namespace cairn::io {

class Waiter {
 public:
  virtual ~Waiter() = default;

  /// Microseconds of a clock that is never set.
  virtual int64_t steady_us() = 0;
  virtual void wait_us(int64_t micros) = 0;
};

/// The machine's. Thread-safe.
class SystemWaiter final : public Waiter {
 public:
  int64_t steady_us() override;
  void wait_us(int64_t micros) override;
};

}  // namespace cairn::io
