#include "io/line_file.h"

#include "io/file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

class LineFileTest : public ::testing::Test {
 protected:
  LineFileTest() : path_(fs::temp_directory_path() / fmt::format("cairn_line_file_{}", getpid())) {
    fs::remove(path_);
  }

  ~LineFileTest() override { fs::remove(path_); }

  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Runs `work` while files may have so many bytes only, as on a disk that becomes full.
  static void with_limit(rlim_t bytes, const std::function<void()>& work) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = bytes, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    work();
    setrlimit(RLIMIT_FSIZE, &before);
  }

  fs::path path_;
};

TEST_F(LineFileTest, AppendsLines) {
  LineFile file(path_.string());
  ASSERT_TRUE(file.open().ok());
  EXPECT_TRUE(file.write("one"));
  ASSERT_TRUE(file.open().ok());
  EXPECT_TRUE(file.write("two"));
  EXPECT_EQ(text(), "one\ntwo\n");
}

TEST_F(LineFileTest, GoesOnInANewFileAfterTheOldOneWasMoved) {
  LineFile file(path_.string());
  ASSERT_TRUE(file.open().ok());
  EXPECT_TRUE(file.write("one"));
  const auto moved = path_.string() + ".1";
  fs::rename(path_, moved);
  EXPECT_TRUE(file.write("two"));
  ASSERT_TRUE(file.open().ok());
  EXPECT_TRUE(file.write("three"));
  EXPECT_EQ(text(), "three\n");
  fs::remove(moved);
}

TEST_F(LineFileTest, ALineIsWholeOrAbsentAtEveryLimit) {
  LineFile file(path_.string());
  ASSERT_TRUE(file.open().ok());
  ASSERT_TRUE(file.write("first"));
  for (rlim_t limit = 6; limit < 13; ++limit) {
    with_limit(limit, [&] { EXPECT_FALSE(file.write("second")) << limit; });
    EXPECT_EQ(text(), "first\n") << limit;
  }
  with_limit(13, [&] { EXPECT_TRUE(file.write("second")); });
  EXPECT_EQ(text(), "first\nsecond\n");
}

TEST_F(LineFileTest, FailsWhereTheFileCannotBe) {
  LineFile file((path_ / "none" / "log").string());
  EXPECT_FALSE(file.open().ok());
  EXPECT_FALSE(file.write("lost"));
}

TEST_F(LineFileTest, ReportsALineThatAPipeDoesNotTake) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  EXPECT_TRUE(write_line(ends[1], "line\n"));
  close(ends[0]);
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_FALSE(write_line(ends[1], "line\n"));
  close(ends[1]);
}

}  // namespace
}  // namespace cairn::io
