#include "render/time_zone.h"

#include "render/value_text.h"

#include <gtest/gtest.h>

namespace cairn::render {
namespace {

constexpr int64_t kWinter = 1'704'164'645'678'000;  // 2024-01-02T03:04:05.678Z
constexpr int64_t kSummer = 1'719'792'000'000'000;  // 2024-07-01T00:00:00Z

TimeZone zone(std::string_view name) {
  const Result<TimeZone> found = TimeZone::find(name);
  EXPECT_TRUE(found.ok()) << name;
  return found.ok() ? found.value() : TimeZone();
}

TEST(TimeZone, KnowsSummerTime) {
  const TimeZone berlin = zone("Europe/Berlin");
  EXPECT_EQ(timestamp_text(kWinter, berlin, 0), "2024-01-02 04:04:05.678 +01:00");
  EXPECT_EQ(timestamp_text(kSummer, berlin, 0), "2024-07-01 02:00:00 +02:00");
  EXPECT_EQ(timestamp_iso8601(kSummer, berlin), "2024-07-01T02:00:00+02:00");
}

TEST(TimeZone, TakesOffsetsAndUtc) {
  EXPECT_TRUE(zone("utc").is_utc());
  EXPECT_EQ(timestamp_iso8601(kSummer, zone("-03:30")), "2024-06-30T20:30:00-03:30");
  EXPECT_EQ(timestamp_iso8601(kSummer, zone("+0545")), "2024-07-01T05:45:00+05:45");
  EXPECT_EQ(timestamp_iso8601(kSummer, zone("+09")), "2024-07-01T09:00:00+09:00");
  EXPECT_EQ(timestamp_iso8601(kSummer, zone("UTC")), "2024-07-01T00:00:00Z");
}

TEST(TimeZone, NamesAreFoundWithoutCase) {
  EXPECT_EQ(zone("asia/tokyo").offset_at(kSummer), std::chrono::hours(9));
}

TEST(TimeZone, UnknownNamesGetTheNearest) {
  const Result<TimeZone> typo = TimeZone::find("Europe/Berlni");
  ASSERT_FALSE(typo.ok());
  EXPECT_EQ(typo.error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(typo.error().message(),
            "unknown time zone 'Europe/Berlni'\nhint: did you mean 'Europe/Berlin'?");
  EXPECT_EQ(TimeZone::find("Tokyo").error().message(),
            "unknown time zone 'Tokyo'\nhint: did you mean 'Asia/Tokyo'?");
  EXPECT_EQ(TimeZone::find("Belrin").error().message(),
            "unknown time zone 'Belrin'\nhint: did you mean 'Europe/Berlin'?");
  for (const char* bad : {"", "+", "+1", "+25:00", "+01:60", "../../etc/passwd", "+1:000"})
    EXPECT_FALSE(TimeZone::find(bad).ok()) << bad;
}

}  // namespace
}  // namespace cairn::render
