#include "io/object_store.h"
#include "io/testing/ordinary_rights.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

using Keys = std::vector<std::string>;

class FolderStoreTest : public ::testing::Test {
 protected:
  FolderStoreTest()
      : folder_(fs::temp_directory_path() /
                ("cairn_folder_store_test_" + std::to_string(getpid()))),
        store_(open_folder_store((folder_ / "lake").string(), true).value()) {}

  ~FolderStoreTest() override { fs::remove_all(folder_); }

  std::vector<std::string> list(const std::string& prefix, const std::string& after = "",
                                size_t max = 1000) {
    std::vector<std::string> keys;
    const auto status = store_->list(prefix, after, [&](const ObjectInfo& info) {
      keys.push_back(info.key);
      return keys.size() < max;
    });
    EXPECT_TRUE(status.ok());
    return keys;
  }

  fs::path folder_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(FolderStoreTest, KeepsAttributesBesideTheObject) {
  ObjectAttributes wanted;
  wanted.content_type = "application/json";
  wanted.metadata = {{"signature", "00ff"}, {"signature-algorithm", "SHA256withRSA"}};
  ASSERT_TRUE(store_->put_with("a/digest.gz", "hello", wanted).ok());
  const auto found = store_->attributes("a/digest.gz").value();
  EXPECT_EQ(found.content_type, "application/json");
  EXPECT_EQ(found.metadata, wanted.metadata);
  ASSERT_TRUE(store_->put("a/v1.metadata.json", "{}").ok());  // an object of its own
  EXPECT_EQ(list(""), (Keys{"a/digest.gz", "a/v1.metadata.json"}));
  EXPECT_TRUE(store_->attributes("a/v1.metadata.json").value().empty());
  EXPECT_EQ(store_->attributes("a/none").error().kind(), ErrorKind::not_found);
  std::ofstream(folder_ / "lake/a/digest.gz.metadata.json") << "{\"signature\": 1}";
  EXPECT_EQ(store_->attributes("a/digest.gz").error().kind(), ErrorKind::corrupt);
  ASSERT_TRUE(store_->put_with("a/digest.gz", "again", {}).ok());
  EXPECT_TRUE(store_->attributes("a/digest.gz").value().empty());
  ASSERT_TRUE(store_->put_with("a/digest.gz", "once more", wanted).ok());
  ASSERT_TRUE(store_->remove("a/digest.gz").ok());
  EXPECT_FALSE(fs::exists(folder_ / "lake/a/digest.gz.metadata.json"));
}

TEST_F(FolderStoreTest, NamesMayHaveAsManyBytesAsFilesAllow) {
  ObjectAttributes wanted;
  wanted.metadata = {{"signature", "00ff"}};
  for (const size_t bytes : {240U, 241U, 242U, 254U, 255U}) {
    SCOPED_TRACE(bytes);
    const auto key = "a/" + std::string(bytes, 'n');
    ASSERT_TRUE(store_->put(key, "hello").ok());
    EXPECT_TRUE(store_->attributes(key).value().empty());
    ASSERT_TRUE(store_->put_with(key, "hello", wanted).ok());
    EXPECT_EQ(store_->attributes(key).value().metadata, wanted.metadata);
    EXPECT_EQ(store_->get(key, 100).value(), "hello");
    EXPECT_EQ(list("a/"), Keys{key});
    ASSERT_TRUE(store_->remove(key).ok());
    EXPECT_TRUE(fs::is_empty(folder_ / "lake/a"));
  }
  EXPECT_EQ(store_->put(std::string(256, 'n'), "x").error().kind(), ErrorKind::invalid_argument);
}

TEST_F(FolderStoreTest, OpensPlainFoldersOnly) {
  EXPECT_TRUE(open_plain_folder_store((folder_ / "lake").string()).ok());
  EXPECT_TRUE(open_plain_folder_store((folder_ / "lake/").string()).ok());
  EXPECT_EQ(open_plain_folder_store((folder_ / "none").string()).error().kind(),
            ErrorKind::not_found);
  fs::create_directory_symlink(folder_ / "lake", folder_ / "link");
  EXPECT_FALSE(open_plain_folder_store((folder_ / "link").string()).ok());
  fs::create_directory_symlink(folder_, folder_ / "above");
  const auto store = open_plain_folder_store((folder_ / "above/lake").string());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(store.value()->local_path("k"), (fs::canonical(folder_) / "lake/k").string());
}

TEST_F(FolderStoreTest, GivesBackWhatWasPut) {
  ASSERT_TRUE(store_->put("a/b/c", "hello").ok());
  ASSERT_TRUE(store_->put("a/b/c", "good day").ok());
  EXPECT_EQ(store_->get("a/b/c", 100).value(), "good day");
  EXPECT_EQ(store_->get("a/b/c", 7).error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(store_->get_range("a/b/c", 5, 2).value(), "da");
  EXPECT_EQ(store_->get_range("a/b/c", 5, 20).value(), "day");
  EXPECT_EQ(store_->get_range("a/b/c", 9, 1).value(), "");
  const auto info = store_->head("a/b/c").value();
  EXPECT_EQ(info.size_bytes, 8U);
  EXPECT_GT(info.modified_us, 1'600'000'000'000'000);
  EXPECT_EQ(store_->uri("a/b/c"), "file://" + (folder_ / "lake/a/b/c").string());
  EXPECT_EQ(*store_->local_path("a"), (folder_ / "lake/a").string());
  EXPECT_TRUE(store_->remove("a/b/c").ok());
  EXPECT_TRUE(store_->remove("a/b/c").ok());
  EXPECT_TRUE(store_->remove("x/y/z").ok());
  EXPECT_EQ(store_->get("a/b/c", 100).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(store_->get("a/b", 100).error().kind(), ErrorKind::not_found);
}

TEST_F(FolderStoreTest, ListsInKeyOrder) {
  for (const auto* key : {"a/b", "a-b", "a/c/d", "a/c-d", "b", "a0"})
    ASSERT_TRUE(store_->put(key, "x").ok());
  EXPECT_EQ(list(""), (Keys{"a-b", "a/b", "a/c-d", "a/c/d", "a0", "b"}));
  EXPECT_EQ(list("a/"), (Keys{"a/b", "a/c-d", "a/c/d"}));
  EXPECT_EQ(list("a/c"), (Keys{"a/c-d", "a/c/d"}));
  EXPECT_EQ(list("", "a/b"), (Keys{"a/c-d", "a/c/d", "a0", "b"}));
  EXPECT_EQ(list("", "a/c/a"), (Keys{"a/c/d", "a0", "b"}));
  EXPECT_EQ(list("", "a/c0"), (Keys{"a0", "b"}));
  EXPECT_EQ(list("", "", 2), (Keys{"a-b", "a/b"}));
}

TEST_F(FolderStoreTest, StaysWithinItsRoot) {
  for (const auto* key : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "a/./b"}) {
    EXPECT_EQ(store_->put(key, "x").error().kind(), ErrorKind::invalid_argument) << key;
    EXPECT_EQ(store_->get(key, 9).error().kind(), ErrorKind::invalid_argument) << key;
    EXPECT_EQ(store_->remove(key).error().kind(), ErrorKind::invalid_argument) << key;
  }
  fs::create_directory(folder_ / "outside");
  std::ofstream(folder_ / "outside/file") << "secret";
  fs::create_symlink(folder_ / "outside", folder_ / "lake/link");
  fs::create_symlink(folder_ / "outside/file", folder_ / "lake/name");
  EXPECT_EQ(store_->put("link/new", "x").error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(store_->get("link/file", 9).error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(store_->get("name", 9).error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(store_->remove("link/file").error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(list(""), Keys{});
  EXPECT_TRUE(fs::exists(folder_ / "outside/file"));
}

TEST_F(FolderStoreTest, AFullDiskLeavesNothing) {
  // A file size limit fails a write as a full disk does, half way.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  const auto status = store_->put("new/folder/file", std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(fs::is_empty(folder_ / "lake"));
}

TEST_F(FolderStoreTest, TellsOfUnfinishedFilesApart) {
  ASSERT_TRUE(store_->put("a/b", "x").ok());
  std::ofstream(folder_ / "lake/a/.cairn-part-0123") << "y";
  EXPECT_EQ(list(""), Keys{"a/b"});
  Keys found;
  const auto keep = [&](const ObjectInfo& info) { return found.push_back(info.key), true; };
  ASSERT_TRUE(store_->list_unfinished("a/", keep).ok());
  EXPECT_EQ(found, Keys{"a/.cairn-part-0123"});
  EXPECT_TRUE(store_->remove(found[0]).ok());
  EXPECT_FALSE(fs::exists(folder_ / "lake/a/.cairn-part-0123"));
}

TEST_F(FolderStoreTest, OpensOnlyWhatIsThere) {
  EXPECT_EQ(open_folder_store((folder_ / "no").string(), false).error().kind(),
            ErrorKind::not_found);
  EXPECT_FALSE(fs::exists(folder_ / "no"));
  EXPECT_TRUE(open_folder_store((folder_ / "x/y/z/").string(), true).ok());
  EXPECT_TRUE(fs::exists(folder_ / "x/y/z"));
}

TEST_F(FolderStoreTest, AReadOnlyFolderIsRefused) {
  const testing::OrdinaryRights rights;
  ASSERT_TRUE(rights.ok());
  chmod((folder_ / "lake").c_str(), 0555);
  const auto status = store_->put("a/b", "x");
  chmod((folder_ / "lake").c_str(), 0755);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::permission_denied);
  EXPECT_NE(status.error().message().find("hint: "), std::string::npos);
}

}  // namespace
}  // namespace cairn::io
