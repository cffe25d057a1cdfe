#include "io/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  FileTest()
      : folder_(fs::temp_directory_path() / ("cairn_file_test_" + std::to_string(getpid()))) {
    for (const auto* name : {"a.json", "one/b.json", "one/two/c.json", "one/two/d.txt"}) {
      fs::create_directories((folder_ / name).parent_path());
      std::ofstream(folder_ / name) << "x";
    }
  }

  ~FileTest() override { fs::remove_all(folder_); }

  // Names of what is found, below the folder; "error: …" when nothing is.
  std::vector<std::string> find(const std::vector<std::string>& below) const {
    std::vector<std::string> arguments;
    for (const auto& one : below) arguments.push_back((folder_ / one).string());
    const auto found = find_files(arguments);
    if (!found.ok()) return {"error"};
    std::vector<std::string> names;
    for (const auto& file : found.value())
      names.push_back(fs::relative(file.path, folder_).string());
    return names;
  }

  fs::path folder_;
};

using Names = std::vector<std::string>;

TEST_F(FileTest, folders_files_and_globs_each_file_once) {
  EXPECT_EQ(find({""}), (Names{"a.json", "one/b.json", "one/two/c.json", "one/two/d.txt"}));
  EXPECT_EQ(find({"one", "one/b.json"}), (Names{"one/b.json", "one/two/c.json", "one/two/d.txt"}));
  EXPECT_EQ(find({"one/*.json"}), (Names{"one/b.json"}));
  EXPECT_EQ(find({"**/*.json"}), (Names{"a.json", "one/b.json", "one/two/c.json"}));
  EXPECT_EQ(find({"one/**/c.json"}), (Names{"one/two/c.json"}));
  EXPECT_EQ(find({"gone"}), (Names{"error"}));
  EXPECT_EQ(find({"*.gz"}), (Names{"error"}));
  EXPECT_EQ(find({"**/*.gz"}), (Names{"error"}));
}

TEST_F(FileTest, links_are_followed_and_loops_are_not) {
  fs::create_directory_symlink(folder_, folder_ / "one/loop");
  fs::create_symlink(folder_ / "nowhere", folder_ / "one/dangling.json");
  EXPECT_EQ(find({""}).size(), 4U);
}

TEST_F(FileTest, a_file_is_written_whole_or_not_at_all) {
  const auto path = (folder_ / "new.json").string();
  ASSERT_TRUE(write_file(path, "first").ok());
  ASSERT_TRUE(write_file(path, "second").ok());
  EXPECT_EQ(fs::file_size(path), 6U);
  EXPECT_FALSE(fs::exists(path + ".part"));
  const auto nowhere = write_file((folder_ / "gone/new.json").string(), "x");
  EXPECT_EQ(nowhere.error().kind(), ErrorKind::not_found);
  const auto full = write_file("/dev/full/x", "x");
  EXPECT_FALSE(full.ok());
}

TEST_F(FileTest, temporary_files_can_be_read_again) {
  auto file = File::temporary();
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file.value().write("hello").ok());
  ASSERT_TRUE(file.value().rewind().ok());
  char out[16];
  EXPECT_EQ(file.value().read(out, sizeof out).value(), 5U);
  EXPECT_EQ(file.value().size().value(), 5U);
}

}  // namespace
}  // namespace cairn::io
