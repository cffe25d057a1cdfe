#include "diagnose/retries.h"

#include <gtest/gtest.h>

namespace cairn::diagnose {
namespace {

std::vector<int64_t> at_seconds(std::initializer_list<int64_t> seconds) {
  std::vector<int64_t> out;
  for (const int64_t second : seconds) out.push_back(second * 1'000'000);
  return out;
}

TEST(Storms, NeedTenFailuresWithoutAPause) {
  EXPECT_TRUE(find_storms({}).empty());
  EXPECT_TRUE(find_storms(at_seconds({0, 1, 2, 3, 4, 5, 6, 7, 8})).empty());
  const auto storms = find_storms(at_seconds({0, 1, 2, 3, 4, 5, 6, 7, 8, 68}));
  ASSERT_EQ(storms.size(), 1U);
  EXPECT_EQ(storms[0].failures, 10U);
  EXPECT_EQ(storms[0].peak, 9U);  // the last one is a minute after the ninth
  EXPECT_EQ(storms[0].last_us, 68'000'000);
  EXPECT_TRUE(find_storms(at_seconds({0, 1, 2, 3, 4, 5, 6, 7, 8, 69})).empty());
}

TEST(Storms, APauseBeginsAnotherOne) {
  auto times = at_seconds({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  for (int64_t i = 0; i < 12; ++i) times.push_back((1'000 + i) * 1'000'000);
  const auto storms = find_storms(times);
  ASSERT_EQ(storms.size(), 2U);
  EXPECT_EQ(storms[0].failures, 10U);
  EXPECT_EQ(storms[1].failures, 12U);
  EXPECT_EQ(storms[1].peak, 12U);
}

void check_backoff(std::initializer_list<int64_t> seconds, BackoffVerdict want) {
  EXPECT_EQ(judge_backoff(at_seconds(seconds)).verdict, want);
}

TEST(Backoff, GrowingPausesAreBackingOff) {
  check_backoff({0, 1, 3, 7, 15, 31}, BackoffVerdict::backs_off);
  check_backoff({0, 1, 2, 5, 8, 18, 29}, BackoffVerdict::backs_off);  // with jitter
}

TEST(Backoff, SteadyPausesAreNot) {
  check_backoff({0, 1, 2, 3, 4, 5, 6, 7}, BackoffVerdict::does_not_back_off);
  check_backoff({0, 0, 0, 0, 0, 0}, BackoffVerdict::does_not_back_off);
  check_backoff({0, 10, 15, 18, 20, 21}, BackoffVerdict::does_not_back_off);  // they shrink
}

TEST(Backoff, FewFailuresTellNothing) {
  check_backoff({}, BackoffVerdict::too_few);
  check_backoff({0, 1, 3}, BackoffVerdict::too_few);
  check_backoff({0, 1000, 2000, 3000}, BackoffVerdict::too_few);  // four episodes of one failure
}

TEST(Backoff, EpisodesWeighByTheirFailures) {
  auto times = at_seconds({0, 1, 3, 7});
  for (int64_t i = 0; i < 20; ++i) times.push_back((10'000 + i) * 1'000'000);
  const auto backoff = judge_backoff(times);
  EXPECT_EQ(backoff.verdict, BackoffVerdict::does_not_back_off);
  EXPECT_EQ(backoff.episodes, 2U);
  EXPECT_EQ(backoff.episodes_growing, 1U);
  EXPECT_EQ(backoff.failures, 24U);
  EXPECT_EQ(backoff.median_pause_us, 1'000'000);
}

}  // namespace
}  // namespace cairn::diagnose
