#include "trails/internal/crew.h"

#include "io/testing/fakes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <string>

namespace cairn::trails {
namespace {

// Its time never passes, so wait_idle() waits for as long as it takes.
class CrewTest : public ::testing::Test {
 protected:
  io::testing::FakeTime time_;
};

TEST_F(CrewTest, DoesWhatHasOneNameOneAfterTheOther) {
  Crew crew(4, 2, time_);
  std::latch added(1);
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::atomic<int> turns = 0;
  for (int i = 0; i < 100; ++i) {
    crew.add("a", false, [&] {
      most = std::max<int>(most, ++at_once);
      added.wait();
      --at_once;
      return ++turns < 5;  // its turns come again
    });
  }
  added.count_down();
  EXPECT_TRUE(crew.wait_idle(1));
  EXPECT_EQ(most, 1);
  EXPECT_EQ(turns, 5);
}

TEST_F(CrewTest, LeavesThreadsForWhatIsNotSlow) {
  Crew crew(3, 1, time_);
  std::latch open(1);
  for (int i = 0; i < 5; ++i)
    crew.add("slow " + std::to_string(i), true, [&] {
      open.wait();
      return false;
    });
  std::latch quick(50);
  for (int i = 0; i < 50; ++i)
    crew.add("quick " + std::to_string(i), false, [&] {
      quick.count_down();
      return false;
    });
  quick.wait();
  EXPECT_FALSE(crew.wait_idle(0));
  open.count_down();
  EXPECT_TRUE(crew.wait_idle(1));
}

TEST_F(CrewTest, TakesTurns) {
  Crew crew(1, 1, time_);
  std::atomic<bool> other = false;
  std::atomic<bool> begun = false;
  crew.add("much", false, [&] {
    begun = true;
    begun.notify_all();
    return !other;  // there is always more
  });
  begun.wait(false);
  crew.add("little", false, [&] {
    other = true;
    return false;
  });
  EXPECT_TRUE(crew.wait_idle(1));
}

TEST_F(CrewTest, EndsWithoutWhatWaits) {
  std::atomic<int> done = 0;
  std::latch begun(1);
  std::latch forgotten(1);
  {
    Crew crew(1, 1, time_);
    crew.add("first", false, [&] {
      begun.count_down();
      forgotten.wait();
      ++done;
      return true;
    });
    begun.wait();
    // end() destroys what waits while the first work goes on.
    std::shared_ptr<void> last_copy(nullptr, [&](void*) { forgotten.count_down(); });
    for (int i = 0; i < 1'000; ++i)
      crew.add(std::to_string(i), false, [&, last_copy] {
        ++done;
        return true;
      });
    last_copy.reset();
    crew.end();
    crew.add("late", false, [&] { return ++done > 0; });
    EXPECT_TRUE(crew.wait_idle(0));
  }
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace cairn::trails
