#include "store/copy_database.h"

#include "store/state_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace cairn::store {
namespace {

namespace fs = std::filesystem;

class CopyDatabase : public ::testing::Test {
 protected:
  CopyDatabase() {
    std::string pattern = (fs::temp_directory_path() / "cairn-copy-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    state_ = StateDatabase::open(path("state.db"), true).value();
    EXPECT_TRUE(state_->migrate("test", {"CREATE TABLE pairs (a INTEGER, b INTEGER)"}).ok());
  }

  ~CopyDatabase() override {
    state_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Two rows in one transaction.
  Status add(int64_t number) {
    return state_->transaction([&]() -> Status {
      CAIRN_TRY(state_->execute("INSERT INTO pairs VALUES (?, 1)", {number}));
      CAIRN_TRY(state_->execute("INSERT INTO pairs VALUES (?, 2)", {number}));
      return {};
    });
  }

  static int64_t count(const std::string& file) {
    const auto opened = StateDatabase::open(file, false);
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    return opened.value()->query("SELECT count(*) FROM pairs", {}).value().front().number(0);
  }

  fs::path folder_;
  std::unique_ptr<StateDatabase> state_;
};

TEST_F(CopyDatabase, HoldsWhatWasCommittedAndIsPrivate) {
  ASSERT_TRUE(add(1).ok());
  const auto copied = copy_database(path("state.db"), path("copy.db"));
  ASSERT_TRUE(copied.ok()) << copied.error().message();
  EXPECT_EQ(count(path("copy.db")), 2);

  struct stat seen {};

  ASSERT_EQ(stat(path("copy.db").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U);
}

TEST_F(CopyDatabase, HasWholeTransactionsWhileOthersCommit) {
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (int64_t i = 0; !enough; ++i) EXPECT_TRUE(add(i).ok());
  });
  for (int i = 0; i < 20; ++i) {
    const auto file = path("copy" + std::to_string(i));
    ASSERT_TRUE(copy_database(path("state.db"), file).ok());
    EXPECT_EQ(count(file) % 2, 0);
  }
  enough = true;
  writer.join();
}

TEST_F(CopyDatabase, LetsNobodyCommitBeforeTheWorkBesideItIsDone) {
  ASSERT_TRUE(add(1).ok());
  std::atomic<bool> committed{false};
  std::thread writer;
  const auto copied = copy_database(path("state.db"), path("copy.db"), [&]() -> Status {
    writer = std::thread([&] {
      EXPECT_TRUE(add(2).ok());
      committed = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(committed);
    return {};
  });
  writer.join();
  EXPECT_TRUE(copied.ok());
  EXPECT_TRUE(committed);
  EXPECT_EQ(count(path("copy.db")), 2);
  EXPECT_EQ(count(path("state.db")), 4);
}

TEST_F(CopyDatabase, LeavesNothingWhenTheWorkBesideItFails) {
  const auto copied = copy_database(path("state.db"), path("copy.db"), []() -> Status {
    return Error{ErrorKind::exhausted, "no room"};
  });
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(copied.error().message(), "no room");
  EXPECT_FALSE(fs::exists(path("copy.db")));
  EXPECT_TRUE(add(1).ok());
}

TEST_F(CopyDatabase, TellsWhatIsNoDatabase) {
  std::ofstream(path("text")) << std::string(10'000, 'x');
  EXPECT_EQ(copy_database(path("text"), path("copy.db")).error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(copy_database(path("none"), path("copy.db")).error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(fs::exists(path("copy.db")));
}

}  // namespace
}  // namespace cairn::store
