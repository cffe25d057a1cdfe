#include "aws/record_date.h"

#include "base/time.h"

#include <fmt/format.h>

#include <array>

namespace cairn::aws {

std::string record_date(int64_t time_us) {
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto civil = to_civil(time_us);
  const int hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  return fmt::format("{} {}, {}, {}:{:02}:{:02} {}", kMonths[static_cast<size_t>(civil.month - 1)],
                     civil.day, civil.year, hour, civil.minute, civil.second,
                     civil.hour < 12 ? "AM" : "PM");
}

}  // namespace cairn::aws
