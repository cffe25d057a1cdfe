#include "app/key_changes.h"

#include "io/random.h"
#include "store/state_database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

class KeyChangesTest : public ::testing::Test {
 protected:
  KeyChangesTest()
      : folder_(fs::temp_directory_path() / fmt::format("cairn_key_changes_test_{}", getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    state_ = store::StateDatabase::open((folder_ / "state.db").string(), true).value();
    keys_ =
        access::KeyStore::open(*state_, {.own = (folder_ / "master.key").string()}, clock_, random_)
            .value();
  }

  ~KeyChangesTest() override { fs::remove_all(folder_); }

  std::unique_ptr<spool::Spool> open_spool(uint64_t bytes_max = 1 << 20) {
    return spool::Spool::open({.folder = (folder_ / "spool").string(), .bytes_max = bytes_max},
                              clock_)
        .value();
  }

  static std::vector<std::string> records_of(spool::Spool& spool) {
    std::vector<std::string> records;
    EXPECT_TRUE(spool.roll().ok());
    for (const auto& segment : spool.sealed(0)) {
      const auto read = spool.read(segment, [&](std::string_view record) {
        records.emplace_back(record);
        return true;
      });
      EXPECT_TRUE(read.ok());
    }
    return records;
  }

  fs::path folder_;
  io::SystemClock clock_;
  io::SystemRandom random_;
  std::unique_ptr<store::StateDatabase> state_;
  std::unique_ptr<access::KeyStore> keys_;
};

TEST_F(KeyChangesTest, AreTakenOnce) {
  const auto made = keys_->create({.name = "ann", .role = access::Role::auditor}).value();
  ASSERT_TRUE(keys_->set_enabled(made.key.id, false).ok());
  const auto spool = open_spool();
  KeyChanges changes(*keys_, *spool);
  EXPECT_TRUE(changes.take().ok());
  EXPECT_TRUE(changes.take().ok());
  ASSERT_TRUE(keys_->remove(made.key.id).ok());
  EXPECT_TRUE(changes.take().ok());
  const auto records = records_of(*spool);
  const std::vector<std::string> wanted = {"CreateUser", "CreateAccessKey", "UpdateAccessKey",
                                           "DeleteAccessKey", "DeleteUser"};
  ASSERT_EQ(records.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NE(records[i].find("\"eventName\":\"" + wanted[i] + '"'), std::string::npos)
        << records[i];
  EXPECT_TRUE(keys_->recorded_changes(10).value().empty());
}

TEST_F(KeyChangesTest, ManyAreTakenInParts) {
  for (int i = 0; i < 510; ++i)  // two events each
    ASSERT_TRUE(keys_->create({.name = fmt::format("user{}", i)}).ok());
  const auto spool = open_spool(4 << 20);
  KeyChanges changes(*keys_, *spool);
  EXPECT_TRUE(changes.take().ok());
  const auto records = records_of(*spool);
  EXPECT_EQ(std::set<std::string>(records.begin(), records.end()).size(), 1'020U);
}

TEST_F(KeyChangesTest, AProcessThatDiesInBetweenDoublesNone) {
  ASSERT_TRUE(keys_->create({.name = "ann"}).ok());
  std::vector<std::string> put;
  const auto changed = keys_->recorded_changes(10).value();
  put.reserve(changed.size());
  for (const auto& change : changed) put.push_back(change.record);
  {
    const auto spool = open_spool();
    ASSERT_TRUE(spool->append({R"({"other":1})"}).ok());
    ASSERT_TRUE(spool->append({put.begin(), put.end()}).ok());
    ASSERT_TRUE(spool->roll().ok());
    ASSERT_TRUE(spool->append({R"({"other":2})"}).ok());
  }
  ASSERT_TRUE(keys_->create({.name = "bob"}).ok());  // while no service runs
  const auto spool = open_spool();
  KeyChanges changes(*keys_, *spool);
  ASSERT_TRUE(changes.settle().ok());
  EXPECT_EQ(keys_->recorded_changes(10).value().size(), 2U);
  ASSERT_TRUE(changes.settle().ok());
  ASSERT_TRUE(changes.take().ok());
  const auto records = records_of(*spool);
  EXPECT_EQ(records.size(), 6U);
  EXPECT_EQ(std::set<std::string>(records.begin(), records.end()).size(), 6U);
}

TEST_F(KeyChangesTest, WaitWhileTheSpoolIsFull) {
  ASSERT_TRUE(keys_->create({.name = "ann"}).ok());
  {
    const auto full = open_spool(10);
    EXPECT_FALSE(KeyChanges(*keys_, *full).take().ok());
  }
  EXPECT_EQ(keys_->recorded_changes(10).value().size(), 2U);
  const auto spool = open_spool();
  EXPECT_TRUE(KeyChanges(*keys_, *spool).take().ok());
  EXPECT_EQ(records_of(*spool).size(), 2U);
}

}  // namespace
}  // namespace cairn::app
