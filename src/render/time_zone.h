// The time zone in which times are shown. Times themselves stay UTC.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace date {
class time_zone;
}

namespace cairn::render {

/// Cheap to copy.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// `UTC`, a name of the machine's time zone database (`Europe/Berlin`, without regard to case),
  /// `local`, or an offset such as `+02:00`. `invalid_argument` with the nearest name for others.
  static Result<TimeZone> find(std::string_view name);

  bool is_utc() const { return zone_ == nullptr && fixed_.count() == 0; }

  /// East of UTC at that instant (microseconds since 1970).
  std::chrono::seconds offset_at(int64_t micros) const;

 private:
  const date::time_zone* zone_ = nullptr;  ///< of the database, which lives as long as the process
  std::chrono::seconds fixed_{0};
};

}  // namespace cairn::render
