#include "io/in_parallel.h"

#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace cairn::io {
namespace {

TEST(InParallel, DoesEachOnce) {
  for (const size_t threads : {0U, 1U, 3U, 50U}) {
    std::vector<std::atomic<int>> done(20);
    ASSERT_TRUE(in_parallel(done.size(), threads, [&](size_t i) -> Status {
                  ++done[i];
                  return {};
                }).ok());
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
  EXPECT_TRUE(in_parallel(0, 4, [](size_t) -> Status {
                ADD_FAILURE();
                return {};
              }).ok());
}

TEST(InParallel, NoMoreThreadsThanToldToAndAllOfThem) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  std::atomic<int> waiting{0};
  const auto status = in_parallel(40, 4, [&](size_t) -> Status {
    {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    }
    for (++waiting; waiting < 4;) std::this_thread::yield();  // until four are here at once
    return {};
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seen.size(), 4U);
  EXPECT_TRUE(seen.contains(std::this_thread::get_id()));
}

TEST(InParallel, TheFirstFailureEndsIt) {
  std::atomic<int> begun{0};
  std::latch failing(1);
  const auto status = in_parallel(1'000'000, 3, [&](size_t i) -> Status {
    ++begun;
    if (i == 7) {
      failing.count_down();
      return Error{ErrorKind::not_found, "no seventh"};
    }
    if (i > 7) {
      failing.wait();
      std::this_thread::yield();  // to the one that fails
    }
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "no seventh");
  EXPECT_LT(begun, 1'000'000);
}

TEST(InParallel, IsCancelled) {
  std::atomic<bool> cancelled{false};
  std::atomic<int> begun{0};
  const auto work = [&](size_t) -> Status {
    if (++begun == 5) cancelled = true;
    return {};
  };
  const auto status = in_parallel(1'000'000, 2, work, &cancelled);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(status.error().message(), "interrupted");
  EXPECT_LT(begun, 100);
  EXPECT_FALSE(in_parallel(1, 2, work, &cancelled).ok());
}

}  // namespace
}  // namespace cairn::io
