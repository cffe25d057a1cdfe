#include "io/waiter.h"

#include "io/testing/fakes.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace cairn::io {
namespace {

using testing::FakeTime;

TEST(SystemWaiter, WaitsUntilTheConditionHoldsOrTheTimeHasCome) {
  SystemWaiter waiter;
  std::mutex mutex;
  std::condition_variable changed;
  bool set = false;
  const auto is_set = [&] { return set; };
  std::unique_lock lock(mutex);
  EXPECT_FALSE(waiter.wait_until(changed, lock, waiter.steady_us(), is_set));
  std::thread other([&] {
    const std::lock_guard other_lock(mutex);
    set = true;
    changed.notify_all();
  });
  EXPECT_TRUE(waiter.wait_until(changed, lock, waiter.steady_us() + 3'600'000'000, is_set));
  EXPECT_TRUE(lock.owns_lock());
  lock.unlock();
  other.join();
}

TEST(FakeTime, WakesASleeperWhenItsTimeHasCome) {
  FakeTime time(0);
  std::mutex mutex;
  std::condition_variable changed;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    EXPECT_FALSE(time.wait_until(changed, lock, 300, [] { return false; }));
    EXPECT_EQ(time.steady_us(), 300);
    EXPECT_FALSE(time.wait_until(changed, lock, 500, [] { return false; }));
  });
  time.wake_next();
  time.wait_for_sleeper();
  EXPECT_EQ(time.now_us(), 300);
  time.wait_us(200);
  other.join();
}

TEST(FakeTime, WakesASleeperWhenItsConditionHolds) {
  FakeTime time(0);
  std::mutex mutex;
  std::condition_variable changed;
  bool set = false;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(time.wait_until(changed, lock, 300, [&] { return set; }));
  });
  time.wait_for_sleeper();
  {
    const std::lock_guard lock(mutex);
    set = true;
  }
  changed.notify_all();
  other.join();
  EXPECT_EQ(time.now_us(), 0);
}

TEST(FakeTime, MovesItselfAfterStopSleeping) {
  FakeTime time(0);
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_lock lock(mutex);
  time.stop_sleeping();
  EXPECT_FALSE(time.wait_until(changed, lock, 300, [] { return false; }));
  EXPECT_TRUE(lock.owns_lock());
  EXPECT_EQ(time.now_us(), 300);
}

}  // namespace
}  // namespace cairn::io
