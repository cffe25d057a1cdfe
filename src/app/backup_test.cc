// What a copy of the service's folder holds, and when there is none. That a service goes on from
// one is tried by tests/api/backup.py.
#include "app/backup.h"

#include "store/state_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    std::string pattern = (fs::temp_directory_path() / "cairn-backup-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    home_ = folder_ / "home";
    fs::create_directory(home_);
    EXPECT_TRUE(store::StateDatabase::open((home_ / "state.db").string(), true).ok());
    for (const auto* name :
         {"spool/0000000001.open", "spool/lock", "outbox/a", "buckets/logs/AWSLogs/x",
          "lake/data/1.parquet", "master.key", "log-groups/trail/lines"})
      write(home_ / name, name);
    EXPECT_TRUE(store::StateDatabase::open((home_ / "lake/catalog.db").string(), true).ok());
  }

  ~BackupTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  Result<BackupReport> backup(const std::string& target = "copy") const {
    return back_up({.home = home_.string(), .target = (folder_ / target).string()});
  }

  /// Nothing but these is in the folder of this test.
  void expect_only(const std::set<std::string>& names) const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_))
      found.insert(entry.path().filename().string());
    EXPECT_EQ(found, names);
    EXPECT_FALSE(fs::exists(home_ / ".backup"));
  }

  fs::path folder_;
  fs::path home_;
};

TEST_F(BackupTest, HoldsAllButLocksAndHelperFiles) {
  const auto made = backup();
  ASSERT_TRUE(made.ok()) << made.error().message();
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "copy"))
    if (entry.is_regular_file())
      found.insert(fs::relative(entry.path(), folder_ / "copy").string());
  EXPECT_EQ(found,
            (std::set<std::string>{"state.db", "spool/0000000001.open", "outbox/a",
                                   "buckets/logs/AWSLogs/x", "lake/data/1.parquet",
                                   "lake/catalog.db", "master.key", "log-groups/trail/lines"}));
  EXPECT_EQ(made.value().files, found.size());
  EXPECT_TRUE(made.value().left_out.empty());
  expect_only({"home", "copy"});

  struct stat seen {};

  ASSERT_EQ(stat((folder_ / "copy").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0077, 0U) << "others may not read it";
}

TEST_F(BackupTest, LeavesOutWhatIsDeliveredAfterItsMoment) {
  const auto later = home_ / "buckets/logs/AWSLogs/later";
  write(later, "later");
  timespec times[2] = {};
  clock_gettime(CLOCK_REALTIME, &times[0]);
  times[0].tv_sec += 60;
  times[1] = times[0];
  ASSERT_EQ(utimensat(AT_FDCWD, later.c_str(), times, 0), 0);
  ASSERT_TRUE(backup().ok());
  EXPECT_TRUE(fs::exists(folder_ / "copy/buckets/logs/AWSLogs/x"));
  EXPECT_FALSE(fs::exists(folder_ / "copy/buckets/logs/AWSLogs/later"));
}

TEST_F(BackupTest, TellsWhatItLeavesOut) {
  fs::remove_all(home_ / "lake");
  fs::create_directory_symlink(folder_, home_ / "buckets/linked");
  const auto made =
      back_up({.home = home_.string(), .target = (folder_ / "copy").string(), .master_key = false});
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made.value().left_out.size(), 3U);
  EXPECT_FALSE(fs::exists(folder_ / "copy/master.key"));
  EXPECT_FALSE(fs::exists(folder_ / "copy/buckets/linked"));
}

TEST_F(BackupTest, RefusesWhatCannotBeATarget) {
  ASSERT_TRUE(backup().ok());
  EXPECT_EQ(backup().error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(backup("home/copy").error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(backup("none/copy").error().kind(), ErrorKind::not_found);
  EXPECT_EQ(
      back_up({.home = folder_.string(), .target = (folder_ / "other").string()}).error().kind(),
      ErrorKind::not_found);
  expect_only({"home", "copy"});
}

TEST_F(BackupTest, GoesOverWhatARunThatWasCutOffLeft) {
  write(home_ / ".backup/spool/old", "old");
  write(folder_ / "copy.part/old", "old");
  const auto made = backup();
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_FALSE(fs::exists(folder_ / "copy/spool/old"));
  EXPECT_FALSE(fs::exists(folder_ / "copy/old"));
  expect_only({"home", "copy"});
}

TEST_F(BackupTest, FailsWithoutACopyWhenTheStateIsDamaged) {
  write(home_ / "state.db", std::string(10'000, 'x'));
  EXPECT_EQ(backup().error().kind(), ErrorKind::corrupt);
  expect_only({"home"});
}

}  // namespace
}  // namespace cairn::app
