#include "investigate/plot.h"

#include "base/time.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::investigate {
namespace {

constexpr int64_t kNoon = 1'741'953'600'000'000;  // 2025-03-14T12:00:00Z

std::vector<Minute> every(int64_t step_minutes, size_t count, uint64_t events) {
  std::vector<Minute> minutes;
  for (size_t i = 0; i < count; ++i)
    minutes.push_back(
        {kNoon + static_cast<int64_t>(i) * step_minutes * kMicrosPerMinute, events, 0});
  return minutes;
}

TEST(Plot, ChoosesRoundSteps) {
  EXPECT_EQ(step_text(make_bars(every(1, 55, 1), 70).step_us), "1 minute");
  EXPECT_EQ(step_text(make_bars(every(1, 75, 1), 70).step_us), "2 minutes");
  EXPECT_EQ(step_text(make_bars(every(60, 60, 1), 70).step_us), "1 hour");
  EXPECT_EQ(step_text(make_bars(every(60, 24 * 30, 1), 70).step_us), "12 hours");
  EXPECT_EQ(step_text(make_bars(every(1440, 365, 1), 70).step_us), "7 days");
}

TEST(Plot, LosesNoEvent) {
  for (const int64_t step : {1, 7, 60, 1'440, 100'000, 40'000'000}) {
    const auto minutes = every(step, 200, 3);
    for (const size_t bars_max : {14U, 74U}) {
      const Bars bars = make_bars(minutes, bars_max);
      uint64_t events = 0;
      for (const Bar& bar : bars.bars) events += bar.events;
      EXPECT_EQ(events, 600U);
      EXPECT_LE(bars.bars.size(), bars_max);
      EXPECT_LE(bars.bars.front().start_us, minutes.front().start_us);
      EXPECT_GT(bars.bars.back().start_us + bars.step_us, minutes.back().start_us);
    }
  }
}

TEST(Plot, DrawsBars) {
  const std::vector<Minute> minutes{
      {kNoon, 16, 0}, {kNoon + kMicrosPerMinute, 8, 0}, {kNoon + 3 * kMicrosPerMinute, 1, 0}};
  const auto lines = plot(minutes, {.columns = 20, .rows = 2});
  const std::vector<std::string> want{
      "  16 ┤█",
      "   8 ┤██ ▁",
      "   0 └────",
      "      12:00",
  };
  EXPECT_EQ(lines, want);
  EXPECT_TRUE(plot({}, {}).empty());
}

TEST(Plot, ShowsTheSmallestBesideTheLargest) {
  const std::vector<Minute> minutes{{kNoon, 12'345'678, 0}, {kNoon + kMicrosPerMinute, 1, 0}};
  const auto lines = plot(minutes, {.columns = 20, .rows = 3});
  EXPECT_EQ(lines[0], " 12M ┤█");
  EXPECT_EQ(lines[1], "6.1M ┤█");
  EXPECT_EQ(lines[2], "     │█▁");
}

TEST(Plot, LabelsDaysByDate) {
  const auto lines = plot(every(1'440, 30, 1), {.columns = 40, .rows = 1});
  EXPECT_EQ(lines.back(), "      2025-03-14     2025-03-29");
}

}  // namespace
}  // namespace cairn::investigate
