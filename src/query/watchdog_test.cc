#include "query/internal/watchdog.h"

#include <gtest/gtest.h>

namespace cairn::query {
namespace {

using std::chrono::milliseconds;

TEST(Watchdog, StopsAgainAndAgainUntilTheStatementIsOver) {
  std::atomic<int> stops{0};
  Watchdog watchdog([&] { ++stops; });
  auto ticket = watchdog.watch(1000);
  while (stops < 3) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_TRUE(ticket->expired);
  ticket.reset();
  std::this_thread::sleep_for(milliseconds(60));
  const int after = stops;
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(stops, after);
}

TEST(Watchdog, LeavesAStatementInTimeAlone) {
  std::atomic<int> stops{0};
  Watchdog watchdog([&] { ++stops; });
  const auto first = watchdog.watch(20'000);
  const auto second = watchdog.watch(60'000'000);  // the first is over, though its ticket is held
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(stops, 0);
  EXPECT_FALSE(first->expired);
  EXPECT_FALSE(second->expired);
}

}  // namespace
}  // namespace cairn::query
