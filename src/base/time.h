// Instants as microseconds since 1970 in UTC, to and from text. Pure: no clock, no time zone
// database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// A date and time of day on the proleptic Gregorian calendar.
struct CivilTime {
  int year = 1970;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
};

/// The instant of `civil`, read as UTC. Fields must be in range.
int64_t to_micros(const CivilTime& civil);
CivilTime to_civil(int64_t micros);

/// Parses ISO 8601 / RFC 3339 as CloudTrail and its exporters write it: `2025-03-14T09:00:00Z`,
/// also with a fraction, with an offset (`+01:00`, `+0100`), with a blank for the T, or without any
/// zone (then UTC). A date alone is its midnight. Years 0001 to 9999. Anything else is nullopt:
/// never a guess.
std::optional<int64_t> parse_iso8601(std::string_view text);

/// `2025-03-14T09:00:00Z`; with a fraction of as many digits as it takes, if there is one.
std::string format_iso8601(int64_t micros);

/// A span like `90s`, `15m`, `48h`, `7d`, `2w`, in microseconds. A bare number has no unit and is
/// refused.
std::optional<int64_t> parse_duration(std::string_view text);

}  // namespace cairn
