#include "access/internal/replay_guard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

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

class ReplayGuardOnDisk : public ::testing::Test {
 protected:
  ReplayGuardOnDisk()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("cairn_replay_guard_test_{}", getpid())) {
    std::filesystem::create_directories(folder_);
  }

  ~ReplayGuardOnDisk() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "replays").string(); }

  std::filesystem::path folder_;
};

TEST_F(ReplayGuardOnDisk, KnowsWhatAProcessBeforeItTook) {
  for (int run = 0; run < 3; ++run) {  // each ends without a word
    ReplayGuard guard(10, 0);
    ASSERT_TRUE(guard.remember_in(path(), 1000).ok());
    EXPECT_EQ(guard.admit(signature(1), 1000 + run, 500), run == 0);
    EXPECT_TRUE(guard.admit(signature(10 + run), 1000, 500));
  }
  ReplayGuard guard(10, 0);
  ASSERT_TRUE(guard.remember_in(path(), 1500).ok());
  EXPECT_EQ(guard.size(), 4U);
  ReplayGuard late(10, 0);
  ASSERT_TRUE(late.remember_in(path(), 1501).ok());
  EXPECT_EQ(late.size(), 0U);
}

TEST_F(ReplayGuardOnDisk, KeepsTheLastOnesInTwoFiles) {
  {
    ReplayGuard guard(10, 0);
    ASSERT_TRUE(guard.remember_in(path(), 1000).ok());
    for (int i = 0; i < 95; ++i) EXPECT_TRUE(guard.admit(signature(i), 1000 + i, 500));
  }
  EXPECT_LE(std::filesystem::file_size(path() + ".0"), 240U);
  EXPECT_LE(std::filesystem::file_size(path() + ".1"), 240U);
  ReplayGuard guard(10, 0);
  ASSERT_TRUE(guard.remember_in(path(), 1100).ok());
  EXPECT_EQ(guard.size(), 10U);
  for (int i = 85; i < 95; ++i) EXPECT_FALSE(guard.admit(signature(i), 1101, 500)) << i;
}

TEST_F(ReplayGuardOnDisk, TakesNothingFromTornEntries) {
  std::ofstream(path() + ".0") << std::string(24, '\xFF') << std::string(24, '\0') << "torn";
  ReplayGuard guard(10, 0);
  ASSERT_TRUE(guard.remember_in(path(), 1000).ok());
  EXPECT_EQ(guard.size(), 0U);
  std::filesystem::create_directories(path() + "-folder.0");
  EXPECT_FALSE(guard.remember_in(path() + "-folder", 1000).ok());
}

}  // namespace
}  // namespace cairn::access
