#include "store/state_database.h"

#include "io/testing/ordinary_rights.h"
#include "store/store_test_support.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace cairn::store {
namespace {

constexpr std::string_view kFirst =
    "CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER, note TEXT);"
    "INSERT INTO things VALUES ('one', 1, NULL);";
constexpr std::string_view kSecond = "ALTER TABLE things ADD COLUMN colour TEXT DEFAULT 'red';";

class StateDatabaseTest : public ::testing::Test {
 protected:
  StateDatabaseTest() : path_((folder_.path() / "state.db").string()) {}

  std::unique_ptr<StateDatabase> open(bool create = true) {
    return StateDatabase::open(path_, create).value();
  }

  std::unique_ptr<StateDatabase> with_things() {
    auto state = open();
    EXPECT_TRUE(state->migrate("things", {kFirst}).ok());
    return state;
  }

  static int64_t count(StateDatabase& state) {
    return state.query("SELECT count(*) FROM things", {}).value().front().number(0);
  }

  TestFolder folder_{"state_test"};
  std::string path_;
};

TEST_F(StateDatabaseTest, ValuesComeBackAsTheyWere) {
  auto state = with_things();
  const std::string wild("a\0\xFF'b", 5);
  EXPECT_EQ(state->execute("INSERT INTO things VALUES (?, ?, ?)", {wild, INT64_MIN, ""}).value(),
            1);
  const auto rows =
      state->query("SELECT name, size, note, NULL FROM things WHERE name = ?", {wild}).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].text(0), wild);
  EXPECT_EQ(rows[0].number(1), INT64_MIN);
  EXPECT_EQ(rows[0].text(2), "");
  EXPECT_FALSE(rows[0].null(2));
  EXPECT_TRUE(rows[0].null(3));
  EXPECT_TRUE(rows[0].null(4));
  EXPECT_EQ(rows[0].number(0), 0);
  EXPECT_EQ(rows[0].text(1), "");
  EXPECT_EQ(state->execute("UPDATE things SET note = ? WHERE size = ?", {{}, 7}).value(), 0);
  EXPECT_EQ(state->execute("UPDATE things SET note = ?", {std::monostate()}).value(), 2);
  EXPECT_EQ(state->execute("CREATE TABLE more (x)", {}).value(), 0);
}

TEST_F(StateDatabaseTest, AKeyTwiceIsSaid) {
  auto state = with_things();
  const auto again = state->execute("INSERT INTO things (name) VALUES (?)", {"one"});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::already_exists);
  EXPECT_TRUE(state->execute("INSERT INTO things (name) VALUES (?)", {"two"}).ok());
  EXPECT_EQ(state->query("nonsense", {}).error().kind(), ErrorKind::corrupt);
}

TEST_F(StateDatabaseTest, ATransactionIsAllOrNothing) {
  auto state = with_things();
  const auto failed = state->transaction([&]() -> Status {
    CAIRN_TRY(state->execute("INSERT INTO things (name) VALUES ('two')", {}));
    return Error{ErrorKind::exhausted, "enough"};
  });
  EXPECT_EQ(failed.error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(count(*state), 1);
  const auto nested =
      state->transaction([&]() -> Status { return state->transaction([] { return Status(); }); });
  EXPECT_EQ(nested.error().kind(), ErrorKind::internal);
  ASSERT_TRUE(state
                  ->transaction([&]() -> Status {
                    CAIRN_TRY(state->execute("INSERT INTO things (name) VALUES ('two')", {}));
                    CAIRN_TRY(state->execute("DELETE FROM things WHERE name = 'one'", {}));
                    return {};
                  })
                  .ok());
  EXPECT_EQ(open(false)->query("SELECT name FROM things", {}).value().front().text(0), "two");
}

TEST_F(StateDatabaseTest, MigratesOnceAndRefusesNewer) {
  {
    auto state = with_things();
    ASSERT_TRUE(state->migrate("things", {kFirst}).ok());
  }
  auto state = open();
  ASSERT_TRUE(state->migrate("things", {kFirst, kSecond}).ok());
  ASSERT_TRUE(state->migrate("things", {kFirst, kSecond}).ok());
  EXPECT_EQ(state->query("SELECT colour FROM things", {}).value().front().text(0), "red");
  EXPECT_EQ(state->migrate("things", {kFirst}).error().kind(), ErrorKind::unimplemented);
  EXPECT_FALSE(state->migrate("others", {"CREATE TABLE a (x);", "nonsense;"}).ok());
  EXPECT_FALSE(state->query("SELECT * FROM a", {}).ok());
  EXPECT_TRUE(state->migrate("others", {"CREATE TABLE a (x);"}).ok());
}

TEST_F(StateDatabaseTest, ThreadsAndProgramsTakeTurns) {
  auto first = with_things();
  auto second = open();
  constexpr int kRounds = 50;
  std::vector<std::thread> threads;
  for (StateDatabase* state : {first.get(), first.get(), second.get()})
    threads.emplace_back([state] {
      for (int i = 0; i < kRounds; ++i)
        EXPECT_TRUE(state
                        ->transaction([&]() -> Status {
                          const auto rows = CAIRN_TRY(
                              state->query("SELECT size FROM things WHERE name = 'one'", {}));
                          CAIRN_TRY(state->execute("UPDATE things SET size = ?",
                                                   {rows.front().number(0) + 1}));
                          return {};
                        })
                        .ok());
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(first->query("SELECT size FROM things", {}).value().front().number(0), 1 + 3 * kRounds);
}

/// Another program that waits until it is told, changes a row and ends. Begun before this process
/// has a connection, which a fork must not take along.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) {
    EXPECT_EQ(pipe(told_), 0);
    child_ = fork();
    if (child_ != 0) return;
    char byte = 0;
    if (read(told_[0], &byte, 1) == 1)
      (void)StateDatabase::open(path, true).value()->execute("UPDATE things SET size = 7", {});
    _exit(0);
  }

  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  ~OtherProgram() {
    close(told_[0]);
    close(told_[1]);
  }

  void run() {
    EXPECT_EQ(write(told_[1], "x", 1), 1);
    int status = -1;
    EXPECT_EQ(waitpid(child_, &status, 0), child_);
    EXPECT_EQ(status, 0);
  }

 private:
  int told_[2] = {-1, -1};
  pid_t child_ = -1;
};

// A second connection must not take the first one's locks away (close(2) does, for all of a
// process): another program would think that it is the last one, and remove the write-ahead log in
// use.
TEST_F(StateDatabaseTest, OtherProgramsComeAndGo) {
  OtherProgram other(path_);
  auto first = with_things();
  auto second = open();
  EXPECT_EQ(count(*first), 1);
  other.run();
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  for (auto* state : {first.get(), second.get()})
    EXPECT_EQ(state->query("SELECT size FROM things", {}).value().front().number(0), 7);
  ASSERT_TRUE(first->execute("UPDATE things SET size = 8", {}).ok());
  EXPECT_EQ(second->query("SELECT size FROM things", {}).value().front().number(0), 8);
}

TEST_F(StateDatabaseTest, ManyDifferentStatements) {
  auto state = with_things();
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(state->query("SELECT " + std::to_string(i), {}).value().front().number(0), i);
}

TEST_F(StateDatabaseTest, TheFileIsForItsOwnerOnly) {
  auto state = with_things();

  struct stat info {};

  for (const auto* suffix : {"", "-wal"}) {
    ASSERT_EQ(stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(StateDatabaseTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(StateDatabase::open(path_, false).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(StateDatabase::open((folder_.path() / "no" / "x").string(), true).error().kind(),
            ErrorKind::not_found);
  std::ofstream(path_) << std::string(5000, 'x');
  const auto opened = StateDatabase::open(path_, false);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::corrupt);
  EXPECT_NE(opened.error().message().find(path_), std::string::npos);
}

TEST_F(StateDatabaseTest, ReadsWhatItMayNotWrite) {
  const io::testing::OrdinaryRights rights;
  ASSERT_TRUE(rights.ok());
  with_things();
  chmod(path_.c_str(), 0400);
  auto state = open(false);
  EXPECT_TRUE(state->migrate("things", {kFirst}).ok());
  EXPECT_EQ(count(*state), 1);
  EXPECT_EQ(state->execute("DELETE FROM things", {}).error().kind(), ErrorKind::permission_denied);
}

}  // namespace
}  // namespace cairn::store
