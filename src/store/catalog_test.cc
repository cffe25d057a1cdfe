#include "store/catalog.h"

#include "base/time.h"
#include "io/testing/fakes.h"
#include "io/testing/ordinary_rights.h"
#include "store/internal/catalogs.h"
#include "store/store_test_support.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cairn::store {
namespace {

using Keys = std::vector<std::string>;

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() : url_("sqlite://" + (folder_.path() / "catalog.db").string()) {}

  std::unique_ptr<Catalog> open(bool create = true) {
    return open_catalog({.url = url_, .create = create}).value();
  }

  static std::vector<std::string> keys(Catalog& catalog, const std::string& prefix,
                                       const std::string& source = "s3://b") {
    std::vector<std::string> found;
    EXPECT_TRUE(
        catalog.visit_ledger(source, prefix, [&](const auto& entry) { found.push_back(entry.key); })
            .ok());
    return found;
  }

  TestFolder folder_{"catalog_test"};
  std::string url_;
};

TEST_F(CatalogTest, ThePointerMovesOnlyFromWhereItIs) {
  auto catalog = open();
  EXPECT_EQ(catalog->metadata_location().value(), std::nullopt);
  EXPECT_FALSE(catalog->commit("x", "y", {}).value());
  EXPECT_TRUE(catalog->commit(std::nullopt, "one", {}).value());
  EXPECT_FALSE(catalog->commit(std::nullopt, "two", {{.source = "s3://b", .key = "k"}}).value());
  EXPECT_EQ(keys(*catalog, ""), Keys{});
  EXPECT_TRUE(catalog->commit("one", "two", {{.source = "s3://b", .key = "k"}}).value());
  EXPECT_FALSE(catalog->commit("one", "three", {}).value());
  EXPECT_EQ(open(false)->metadata_location().value(), "two");
  EXPECT_EQ(keys(*catalog, ""), Keys{"k"});
}

TEST_F(CatalogTest, TheLedgerGivesBackWhatWasWritten) {
  auto catalog = open();
  LedgerEntry entry{.source = "s3://b",
                    .key = "a/\xFFwild",
                    .size_bytes = 12,
                    .etag = "e",
                    .state = ObjectState::partial,
                    .reason = "bad \x1b[31m",
                    .events = 3,
                    .duplicates = 4,
                    .rejected = 5,
                    .taken_us = -6};
  ASSERT_TRUE(catalog->record({entry}).ok());
  entry.etag = "f";
  ASSERT_TRUE(catalog->record({entry, {.source = "s3://other", .key = "a/x"}}).ok());
  size_t seen = 0;
  ASSERT_TRUE(catalog
                  ->visit_ledger("s3://b", "a/",
                                 [&](const LedgerEntry& got) {
                                   ++seen;
                                   EXPECT_EQ(got.source, entry.source);
                                   EXPECT_EQ(got.key, entry.key);
                                   EXPECT_EQ(got.size_bytes, 12U);
                                   EXPECT_EQ(got.etag, "f");
                                   EXPECT_EQ(got.state, ObjectState::partial);
                                   EXPECT_EQ(got.reason, entry.reason);
                                   EXPECT_EQ(got.events, 3U);
                                   EXPECT_EQ(got.duplicates, 4U);
                                   EXPECT_EQ(got.rejected, 5U);
                                   EXPECT_EQ(got.taken_us, -6);
                                 })
                  .ok());
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(keys(*catalog, "", ""), (Keys{"a/\xFFwild", "a/x"}));
  EXPECT_EQ(keys(*catalog, "a/x", ""), Keys{"a/x"});
}

TEST_F(CatalogTest, PrefixesAreOfBytes) {
  auto catalog = open();
  std::vector<LedgerEntry> entries;
  for (const auto* key : {"a", "a/1", "a/2", "a0", "b", "\xFF", "\xFF\xFFz"})
    entries.push_back({.source = "s3://b", .key = key});
  ASSERT_TRUE(catalog->record(entries).ok());
  EXPECT_EQ(keys(*catalog, "a/"), (Keys{"a/1", "a/2"}));
  EXPECT_EQ(keys(*catalog, "a"), (Keys{"a", "a/1", "a/2", "a0"}));
  EXPECT_EQ(keys(*catalog, "\xFF"), (Keys{"\xFF", "\xFF\xFFz"}));
  EXPECT_EQ(keys(*catalog, "").size(), 7U);
  EXPECT_EQ(keys(*catalog, "c"), Keys{});
}

TEST_F(CatalogTest, AHundredThousandObjects) {
  auto catalog = open();
  std::vector<LedgerEntry> entries;
  for (int i = 0; i < 100'000; ++i)
    entries.push_back({.source = "s3://a-bucket-of-logs",
                       .key = fmt::format("AWSLogs/123456789012/CloudTrail/us-east-1/2026/10/01/"
                                          "123456789012_CloudTrail_us-east-1_{:010}.json.gz",
                                          i),
                       .size_bytes = 12'345,
                       .etag = "0123456789abcdef0123456789abcdef",
                       .events = 100});
  ASSERT_TRUE(catalog->record(entries).ok());
  EXPECT_EQ(keys(*catalog, "AWSLogs/", "s3://a-bucket-of-logs").size(), 100'000U);
}

TEST_F(CatalogTest, OneWriterAtATime) {
  auto catalog = open();
  auto held = catalog->lock_for_writing(1).value();
  io::testing::FakeTime time;
  auto other = open_catalog({.url = url_, .waiter = &time}).value();
  for (const int seconds_max : {0, 30}) {
    const auto begun = time.now_us();
    const auto refused = other->lock_for_writing(seconds_max);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::exhausted);
    EXPECT_EQ((time.now_us() - begun) / kMicrosPerSecond, seconds_max);
  }
  int waits = 0;
  time.on_wait = [&] {
    if (++waits == 3) held.reset();
  };
  EXPECT_TRUE(other->lock_for_writing(30).ok());
  EXPECT_EQ(waits, 3);
}

TEST_F(CatalogTest, TheFileIsForItsOwnerOnly) {
  auto catalog = open();

  struct stat info {};

  for (const auto* name : {"catalog.db", "catalog.db-wal"}) {
    ASSERT_EQ(stat((folder_.path() / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(CatalogTest, OpensOddPaths) {
  const auto folder = folder_.path() / "50%20 ?#";
  std::filesystem::create_directory(folder);
  const auto path = (folder / "c.db").string();
  EXPECT_TRUE(open_catalog({.url = "sqlite:///" + path, .create = true}).ok());
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(open_catalog({.url = "sqlite://" + path}).ok());
}

TEST_F(CatalogTest, ReadsInAFolderThatNobodyMayWriteTo) {
  const io::testing::OrdinaryRights rights;
  ASSERT_TRUE(rights.ok());
  ASSERT_TRUE(open()->commit(std::nullopt, "one", {}).value());
  chmod(folder_.path().c_str(), 0555);
  auto catalog = open_catalog({.url = url_});
  EXPECT_TRUE(catalog.ok());
  if (catalog.ok()) {
    EXPECT_EQ(catalog.value()->metadata_location().value(), "one");
    const auto refused = catalog.value()->commit("one", "two", {});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::permission_denied);
    EXPECT_EQ(catalog.value()->lock_for_writing(0).error().kind(), ErrorKind::permission_denied);
  }
  chmod(folder_.path().c_str(), 0755);
}

TEST_F(CatalogTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(open_catalog({.url = url_}).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(open_catalog({.url = "mysql://x"}).error().kind(), ErrorKind::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "catalog.db"));
  EXPECT_TRUE(check_catalog_version(1, "x").ok());
  EXPECT_EQ(check_catalog_version(2, "x").error().kind(), ErrorKind::unimplemented);
}

TEST_F(CatalogTest, APasswordIsNeverInAnError) {
  for (const auto* url : {"postgresql://me:s3cret@127.0.0.1:1/db",
                          "postgresql://127.0.0.1:1/db?user=me&password=s3cret&sslmode=bad",
                          "postgresql://me:s3cret@[::1/db"}) {
    const auto failed = open_catalog({.url = url});
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message().find("s3cret"), std::string::npos)
        << failed.error().message();
  }
}

}  // namespace
}  // namespace cairn::store
