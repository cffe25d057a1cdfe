// The time of day, so that tests can set it.
#pragma once

#include <cstdint>

namespace cairn::io {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Microseconds since 1970, UTC.
  virtual int64_t now_us() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t now_us() const override;
};

}  // namespace cairn::io
