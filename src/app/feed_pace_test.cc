#include "app/feed_pace.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn::app {
namespace {

constexpr int64_t kSecond = 1'000'000;

/// Times in seconds at which commits are made while `per_second` records come in for `seconds`.
std::vector<int64_t> commits(FeedPace& pace, uint64_t per_second, int64_t seconds,
                             int64_t from = 0) {
  std::vector<int64_t> made;
  uint64_t waiting = 0;
  for (int64_t second = from; second < from + seconds; second += 2) {
    waiting += 2 * per_second;
    if (!pace.is_due(second * kSecond, waiting)) continue;
    pace.committed(second * kSecond);
    waiting = 0;
    made.push_back(second);
  }
  return made;
}

TEST(FeedPace, CommitsAtOnceWhileCommitsAreRare) {
  FeedPace pace({});
  EXPECT_FALSE(pace.is_due(0, 0)) << "nothing waits";
  for (int64_t minute = 0; minute < 10; ++minute) {
    EXPECT_TRUE(pace.is_due(minute * 60 * kSecond, 1)) << minute;
    pace.committed(minute * 60 * kSecond);
  }
}

TEST(FeedPace, RationsATrickle) {
  FeedPace pace({});
  const auto first = commits(pace, 50, 60);
  EXPECT_GE(first.size(), 10U) << "what was in store";
  const auto hour = commits(pace, 50, 3'600, 60);
  EXPECT_LE(hour.size(), 363U);
  EXPECT_GE(hour.size(), 357U);
  for (size_t i = 4; i < hour.size(); ++i) EXPECT_LE(hour[i] - hour[i - 1], 10) << i;
}

TEST(FeedPace, ManyRecordsDoNotWait) {
  FeedPace pace({.records_enough = 1'000});
  EXPECT_EQ(commits(pace, 500, 600).size(), 300U);
}

TEST(FeedPace, StoresNoMoreThanItsMost) {
  FeedPace pace({});
  EXPECT_FALSE(pace.is_due(0, 0));
  constexpr int64_t kDay = 86'400;
  EXPECT_LE(commits(pace, 1, 40, kDay).size(), 14U);
}

TEST(FeedPace, AClockThatStandsStillGivesNothing) {
  FeedPace pace({.stored_max = 1});
  EXPECT_TRUE(pace.is_due(kSecond, 1));
  pace.committed(kSecond);
  EXPECT_FALSE(pace.is_due(kSecond, 1));
  EXPECT_FALSE(pace.is_due(0, 1));
  EXPECT_TRUE(pace.is_due(20 * kSecond, 1));
}

}  // namespace
}  // namespace cairn::app
