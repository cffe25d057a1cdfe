#include "query/internal/watchdog.h"

#include "io/testing/fakes.h"

#include <gtest/gtest.h>

namespace cairn::query {
namespace {

using io::testing::FakeTime;

TEST(Watchdog, StopsAgainAndAgainUntilTheStatementIsOver) {
  FakeTime time;
  std::atomic<int> stops{0};
  Watchdog watchdog([&] { ++stops; }, time);
  auto ticket = watchdog.watch(1'000);
  time.wait_for_sleeper();
  EXPECT_EQ(stops, 0);
  EXPECT_FALSE(ticket->expired);
  for (int stop = 1; stop <= 3; ++stop) {
    time.wake_next();
    time.wait_for_sleeper();
    EXPECT_EQ(stops, stop);
    EXPECT_TRUE(ticket->expired);
  }
  ticket.reset();
  time.wake_next();
  // The watchdog sleeps again once it has another statement to watch.
  const auto next = watchdog.watch(1'000);
  time.wait_for_sleeper();
  EXPECT_EQ(stops, 3);
}

TEST(Watchdog, LeavesAStatementInTimeAlone) {
  FakeTime time;
  std::atomic<int> stops{0};
  Watchdog watchdog([&] { ++stops; }, time);
  const auto first = watchdog.watch(20'000);
  time.wait_for_sleeper();
  const auto second = watchdog.watch(60'000'000);  // the first is over, though its ticket is held
  time.wait_us(59'999'999);
  EXPECT_EQ(stops, 0);
  EXPECT_FALSE(second->expired);
  time.wait_us(1);
  time.wait_for_sleeper();
  EXPECT_EQ(stops, 1);
  EXPECT_FALSE(first->expired);
  EXPECT_TRUE(second->expired);
}

}  // namespace
}  // namespace cairn::query
