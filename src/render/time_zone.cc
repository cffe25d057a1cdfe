#include "render/time_zone.h"

#include "base/text.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <cctype>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace cairn::render {
namespace {

constexpr auto kOffsetMax = std::chrono::hours(18);  // as ISO 8601 libraries agree

/// `+02:00`, `-0330`, `+05`.
std::optional<std::chrono::seconds> parse_offset(std::string_view text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && digits.size() == 2) continue;
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    digits += c;
  }
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  const std::chrono::seconds offset = std::chrono::hours(std::stoi(digits.substr(0, 2))) +
                                      std::chrono::minutes(std::stoi(digits.substr(2)));
  if (std::stoi(digits.substr(2)) > 59 || offset > kOffsetMax) return std::nullopt;
  return text.front() == '-' ? -offset : offset;
}

Error unknown_zone(std::string_view name, const date::tzdb& zones) {
  std::vector<std::string_view> names;
  for (const date::time_zone& zone : zones.zones) names.push_back(zone.name());
  std::string_view near = nearest_name(name, names);
  if (near.empty()) {  // the city alone is what people remember
    std::vector<std::string_view> cities;
    for (const std::string_view known : names) cities.push_back(known.substr(known.rfind('/') + 1));
    const std::string_view city = nearest_name(name, cities);
    for (size_t i = 0; i < cities.size() && near.empty(); ++i)
      if (!city.empty() && cities[i] == city) near = names[i];
  }
  return {ErrorKind::invalid_argument,
          fmt::format("unknown time zone '{}'\nhint: {}", name,
                      near.empty() ? "write UTC, local, +02:00 or Area/City such as Europe/Berlin"
                                   : fmt::format("did you mean '{}'?", near))};
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone found;
  if (equals_ignoring_case(name, "UTC") || equals_ignoring_case(name, "Z")) return found;
  if (const auto offset = parse_offset(name)) {
    found.fixed_ = *offset;
    return found;
  }
  try {
    if (equals_ignoring_case(name, "local")) {
      found.zone_ = date::current_zone();
      return found;
    }
    const date::tzdb& zones = date::get_tzdb();
    for (const date::time_zone& zone : zones.zones) {
      if (!equals_ignoring_case(zone.name(), name)) continue;
      zone.get_info(date::sys_seconds{});  // reads its file, so that a broken one shows here
      found.zone_ = &zone;
      return found;
    }
    return unknown_zone(name, zones);
  } catch (const std::exception& error) {
    return Error(ErrorKind::unavailable,
                 fmt::format("cannot read the time zone database: {}\n"
                             "hint: install Debian's package tzdata, or use --timezone UTC",
                             error.what()));
  }
}

std::chrono::seconds TimeZone::offset_at(int64_t micros) const {
  if (zone_ == nullptr) return fixed_;
  try {
    const auto instant = date::floor<std::chrono::seconds>(
        date::sys_time<std::chrono::microseconds>(std::chrono::microseconds(micros)));
    return zone_->get_info(instant).offset;
  } catch (const std::exception&) {
    return fixed_;  // find() read the zone's file, so only memory can run out here
  }
}

}  // namespace cairn::render
