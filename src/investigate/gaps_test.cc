#include "investigate/gaps.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn::investigate {
namespace {

/// Every five minutes, but for the minutes in [quiet_from, quiet_until).
std::vector<int64_t> beats(int64_t minutes, int64_t quiet_from, int64_t quiet_until) {
  std::vector<int64_t> times;
  for (int64_t m = 0; m < minutes; m += 5)
    if (m < quiet_from || m >= quiet_until) times.push_back(m * kMicrosPerMinute);
  return times;
}

GapReport find(std::vector<Pulse> pulses) {
  return find_gaps(std::move(pulses), GapBasis::event_times, GapRules{});
}

TEST(Gaps, FindsAStretchWithoutLife) {
  const auto report = find({{"1", "r", beats(600, 200, 320)}});
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_EQ(report.judged, 1U);
  EXPECT_EQ(report.gaps[0].from_us, 195 * kMicrosPerMinute);
  EXPECT_EQ(report.gaps[0].until_us, 320 * kMicrosPerMinute);
  EXPECT_EQ(report.gaps[0].usual_us, 5 * kMicrosPerMinute);
  EXPECT_FALSE(report.gaps[0].open);
}

TEST(Gaps, LetsOrdinaryPausesPass) {
  EXPECT_TRUE(find({{"1", "r", beats(600, 0, 0)}}).gaps.empty());
  EXPECT_TRUE(find({{"1", "r", beats(600, 200, 220)}}).gaps.empty());
}

TEST(Gaps, SeesWhoFellSilent) {
  const auto report =
      find({{"1", "a", beats(600, 0, 0)}, {"1", "b", beats(300, 0, 0)}, {"2", "c", {0, 5}}});
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_EQ(report.gaps[0].region, "b");
  EXPECT_TRUE(report.gaps[0].open);
  EXPECT_EQ(report.gaps[0].until_us, 595 * kMicrosPerMinute);
  EXPECT_EQ(report.judged, 2U);
  EXPECT_EQ(report.not_judged, 1U);
}

TEST(Gaps, QuietNightsAreARhythm) {
  std::vector<int64_t> times;
  for (int64_t day = 0; day < 10; ++day)
    for (int64_t m = 0; m < 12 * 60; m += 5)
      times.push_back(day * kMicrosPerDay + m * kMicrosPerMinute);
  EXPECT_TRUE(find({{"1", "r", times}}).gaps.empty());
  // Two days without any stand out even so.
  std::erase_if(times, [](int64_t t) { return t / kMicrosPerDay == 4 || t / kMicrosPerDay == 5; });
  const auto report = find({{"1", "r", times}});
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_EQ(report.gaps[0].until_us, 6 * kMicrosPerDay);
}

TEST(Gaps, OrderAndRepetitionDoNotMatter) {
  auto times = beats(600, 200, 320);
  times.insert(times.end(), times.begin(), times.end());
  std::reverse(times.begin(), times.end());
  EXPECT_EQ(find({{"1", "r", times}}).gaps.size(), 1U);
}

TEST(Gaps, LongestComesFirst) {
  const auto report =
      find({{"1", "a", beats(3'000, 200, 320)}, {"1", "b", beats(3'000, 400, 600)}});
  ASSERT_EQ(report.gaps.size(), 2U);
  EXPECT_EQ(report.gaps[0].region, "b");
}

TEST(Gaps, OfNothingAreNone) {
  EXPECT_EQ(find({}).judged, 0U);
  EXPECT_EQ(find({{"1", "r", {}}}).judged, 0U);
}

}  // namespace
}  // namespace cairn::investigate
