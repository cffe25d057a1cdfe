#include "access/internal/replay_guard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::access {
namespace {

std::string signature(int number) {
  return fmt::format("{:016x}{:048x}", number, 0);
}

TEST(ReplayGuard, LetsTheSameThroughForAMoment) {
  ReplayGuard guard(10, 100);
  EXPECT_TRUE(guard.admit(signature(1), 1000, 500));
  EXPECT_TRUE(guard.admit(signature(1), 1100, 500));
  EXPECT_FALSE(guard.admit(signature(1), 1101, 500));
  EXPECT_TRUE(guard.admit(signature(2), 1101, 500));
}

TEST(ReplayGuard, ForgetsWhatIsOverAnyway) {
  ReplayGuard guard(10, 0);
  EXPECT_TRUE(guard.admit(signature(1), 1000, 500));
  EXPECT_EQ(guard.size(), 1U);
  EXPECT_TRUE(guard.admit(signature(2), 1501, 500));
  EXPECT_EQ(guard.size(), 1U);
}

TEST(ReplayGuard, HoldsNoMoreThanItMay) {
  ReplayGuard guard(3, 0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard.admit(signature(i), 1000, 500));
  EXPECT_EQ(guard.size(), 3U);
  EXPECT_FALSE(guard.admit(signature(99), 1001, 500));
  EXPECT_TRUE(guard.admit(signature(0), 1001, 500));
}

}  // namespace
}  // namespace cairn::access
