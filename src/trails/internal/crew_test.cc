#include "trails/internal/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

namespace cairn::trails {
namespace {

void pause() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

TEST(Crew, DoesWhatHasOneNameOneAfterTheOther) {
  Crew crew(4, 2);
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::atomic<int> turns = 0;
  for (int i = 0; i < 100; ++i) {
    crew.add("a", false, [&] {
      most = std::max<int>(most, ++at_once);
      pause();
      --at_once;
      return ++turns < 5;  // its turns come again
    });
  }
  EXPECT_TRUE(crew.wait_idle(10'000));
  EXPECT_EQ(most, 1);
  EXPECT_EQ(turns, 5);
}

TEST(Crew, LeavesThreadsForWhatIsNotSlow) {
  Crew crew(3, 1);
  std::atomic<bool> open = false;
  for (int i = 0; i < 5; ++i)
    crew.add("slow " + std::to_string(i), true, [&] {
      while (!open) pause();
      return false;
    });
  std::atomic<int> done = 0;
  for (int i = 0; i < 50; ++i)
    crew.add("quick " + std::to_string(i), false, [&] {
      ++done;
      return false;
    });
  for (int i = 0; i < 5'000 && done < 50; ++i) pause();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(crew.wait_idle(1));
  open = true;
  EXPECT_TRUE(crew.wait_idle(10'000));
}

TEST(Crew, TakesTurns) {
  Crew crew(1, 1);
  std::atomic<bool> other = false;
  std::atomic<bool> begun = false;
  crew.add("much", false, [&] {
    begun = true;
    pause();
    return !other;  // there is always more
  });
  while (!begun) pause();
  crew.add("little", false, [&] {
    other = true;
    return false;
  });
  EXPECT_TRUE(crew.wait_idle(10'000));
}

TEST(Crew, EndsWithoutWhatWaits) {
  std::atomic<int> done = 0;
  {
    Crew crew(1, 1);
    for (int i = 0; i < 1'000; ++i)
      crew.add(std::to_string(i), false, [&] {
        pause();
        ++done;
        return true;
      });
    crew.end();
    crew.add("late", false, [&] { return ++done > 0; });
    EXPECT_TRUE(crew.wait_idle(0));
  }
  EXPECT_LT(done, 1'000);
}

}  // namespace
}  // namespace cairn::trails
