#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

void check(std::string_view text, std::string_view want) {
  SCOPED_TRACE(text);
  const auto parsed = parse_iso8601(text);
  if (want.empty()) {
    EXPECT_FALSE(parsed.has_value());
    return;
  }
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(format_iso8601(*parsed), want);
}

TEST(Time, parses_what_exporters_write) {
  check("2025-03-14T09:00:00Z", "2025-03-14T09:00:00Z");
  check("2025-03-14 09:00:00", "2025-03-14T09:00:00Z");
  check("2025-03-14T09:00:00.123Z", "2025-03-14T09:00:00.123Z");
  check("2025-03-14T10:00:00+01:00", "2025-03-14T09:00:00Z");
  check("2025-03-14T10:00:00+0100", "2025-03-14T09:00:00Z");
  check("2025-03-14", "2025-03-14T00:00:00Z");
  check("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z");
  check("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
  check("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
  check("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
}

TEST(Time, refuses_what_it_cannot_understand) {
  for (const auto* text :
       {"", "yesterday", "2025-13-01", "2025-02-29", "2025-03-14T25:00:00Z", "2025-03-14T09:00:00X",
        "2025-03-14T09:00:00Z ", "14/03/2025", "2025-3-14", "2025-03-14T09:60:00Z", "1741942800",
        "2025-03-14T09:00:00.Z"}) {
    check(text, "");
  }
}

TEST(Time, civil_and_micros_are_inverse) {
  for (int64_t day = -800000; day < 3000000; day += 1234) {
    const int64_t micros = day * kMicrosPerDay + 12345678901;
    EXPECT_EQ(to_micros(to_civil(micros)), micros);
  }
}

TEST(Time, durations_need_a_unit) {
  EXPECT_EQ(parse_duration("48h"), 48 * kMicrosPerHour);
  EXPECT_EQ(parse_duration("2w"), 14 * kMicrosPerDay);
  EXPECT_FALSE(parse_duration("48").has_value());
  EXPECT_FALSE(parse_duration("h").has_value());
  EXPECT_FALSE(parse_duration("-1h").has_value());
}

}  // namespace
}  // namespace cairn
