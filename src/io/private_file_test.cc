#include "io/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cairn::io {
namespace {

class PrivateFile : public ::testing::Test {
 protected:
  PrivateFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("cairn_private_file_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }

  ~PrivateFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(PrivateFile, IsMadeOnceForItsOwner) {
  ASSERT_TRUE(make_private_file(path("a"), "secret").ok());
  EXPECT_EQ(make_private_file(path("a"), "other").error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(read_private_file(path("a"), 6, Others::refused).value(), "secret");

  struct stat info {};

  ASSERT_EQ(stat(path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(PrivateFile, IsRefusedWhenOthersMayRead) {
  std::ofstream(path("a")) << "secret";
  chmod(path("a").c_str(), 0640);
  const auto refused = read_private_file(path("a"), 100, Others::refused);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(read_private_file(path("a"), 100, Others::accepted).value(), "secret");
}

TEST_F(PrivateFile, HasALimit) {
  std::ofstream(path("a")) << "secret";
  EXPECT_EQ(read_private_file(path("a"), 5, Others::accepted).error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(read_private_file(path("b"), 5, Others::accepted).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(make_private_file(path("no/b"), "x").error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace cairn::io
