#include "store/readable_files.h"

#include "io/testing/fakes.h"
#include "store/store_test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

namespace cairn::store {
namespace {

namespace fs = std::filesystem;

/// A folder as if it were far away; counts what is asked of it.
class FarStore final : public io::ObjectStore {
 public:
  explicit FarStore(const fs::path& folder)
      : real_(io::open_folder_store(folder.string(), true).value()) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override {
    note("get", key);
    return real_->get(key, bytes_max);
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override {
    note("range", key);
    return real_->get_range(key, offset, length);
  }

  Result<io::ObjectPart> get_part(const std::string& key, uint64_t offset, uint64_t length,
                                  const std::string& etag) override {
    note("part", key);
    if (before_part) before_part(offset);
    return real_->get_part(key, offset, length, etag);
  }

  Result<io::ObjectInfo> head(const std::string& key) override { return real_->head(key); }

  Status put(const std::string& key, std::string_view bytes) override {
    return real_->put(key, bytes);
  }

  Status remove(const std::string& key) override { return real_->remove(key); }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    return real_->list(prefix, start_after, visit);
  }

  std::string uri(std::string_view key) const override {
    return "s3://bucket/lake/" + std::string(key);
  }

  std::optional<std::string> local_path(std::string_view /*key*/) const override {
    return std::nullopt;
  }

  int count(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count(asked_.begin(), asked_.end(), what));
  }

  std::function<void(uint64_t offset)> before_part;

 private:
  void note(const std::string& what, const std::string& /*key*/) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(what);
  }

  std::unique_ptr<io::ObjectStore> real_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
};

class ReadableFilesTest : public ::testing::Test {
 protected:
  ReadableFilesTest() : far_(std::make_shared<FarStore>(folder_.path() / "far")) {}

  Lake open(uint64_t cache_bytes = 1'000'000'000) {
    LakeOptions options{.location = "s3://bucket/lake",
                        .catalog_url = "sqlite:///" + (folder_.path() / "catalog.db").string(),
                        .objects = far_,
                        .cache = {.folder = cache().string(), .bytes_max = cache_bytes}};
    return std::move(Lake::open(options, clock_, true)).value();
  }

  fs::path cache() const { return folder_.path() / "cache"; }

  /// A file of the table that is not on this machine yet.
  DataFile make(const std::string& name, size_t bytes) {
    std::string content = "PAR1" + std::string(bytes - 8, '.') + "PAR1";
    for (size_t i = 4; i + 4 < bytes; ++i) content[i] = static_cast<char>(i / 1000 % 251);
    auto file = test_file(name, 1);
    file.size_bytes = static_cast<int64_t>(bytes);
    EXPECT_TRUE(far_->put(file.key, content).ok());
    return file;
  }

  std::string far_content(const DataFile& file) { return far_->get(file.key, 1 << 30).value(); }

  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  size_t kept() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(cache() / "files"), fs::directory_iterator()));
  }

  TestClock clock_;
  TestFolder folder_{"readable_files"};
  std::shared_ptr<FarStore> far_;
};

TEST_F(ReadableFilesTest, FetchesInPartsAndOnce) {
  auto lake = open();
  const std::vector<DataFile> files{make("large", 20'000'000), make("small", 500),
                                    make("exact", 8 << 20)};
  FetchProgress progress;
  {
    const auto readable = ReadableFiles::open(lake, files, {.progress = &progress});
    ASSERT_TRUE(readable.ok()) << readable.error().message();
    ASSERT_EQ(readable.value().paths().size(), 3U);
    for (size_t i = 0; i < files.size(); ++i)
      EXPECT_TRUE(content(readable.value().paths()[i]) == far_content(files[i])) << i;
  }
  EXPECT_EQ(far_->count("part"), 5);
  EXPECT_EQ(progress.files_done, 3U);
  EXPECT_EQ(progress.bytes_done, progress.bytes_total);
  const auto again = ReadableFiles::open(lake, files, {.progress = &progress});
  EXPECT_TRUE(again.ok());
  EXPECT_EQ(far_->count("part"), 5);
  EXPECT_EQ(progress.files_total, 3U);
}

TEST_F(ReadableFilesTest, ACacheSmallerThanAQueryHasRoomForIt) {
  auto lake = open(10'000);
  std::vector<DataFile> files;
  for (int i = 0; i < 20; ++i) files.push_back(make("file" + std::to_string(i), 4'000));
  {
    const auto readable = ReadableFiles::open(lake, files);
    ASSERT_TRUE(readable.ok());
    for (const auto& path : readable.value().paths()) EXPECT_EQ(fs::file_size(path), 4'000U);
  }
  EXPECT_EQ(kept(), 2U);
}

TEST_F(ReadableFilesTest, DamagedCopiesAreFetchedAnew) {
  auto lake = open();
  const std::vector<DataFile> files{make("a", 5'000)};
  ASSERT_TRUE(ReadableFiles::open(lake, files).ok());
  const auto copy = fs::directory_iterator(cache() / "files")->path();
  const auto damage = [&](const std::function<void()>& how) {
    how();
    const auto readable = ReadableFiles::open(lake, files);
    ASSERT_TRUE(readable.ok());
    EXPECT_TRUE(content(readable.value().paths()[0]) == far_content(files[0]));
  };
  damage([&] { fs::resize_file(copy, 4'999); });
  damage([&] { fs::resize_file(copy, 5'001); });
  damage([&] { fs::resize_file(copy, 0); });
  damage([&] { std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary) << "X"; });
  damage([&] {
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'999);
    file << '\0';
  });
  EXPECT_EQ(far_->count("part"), 6);
}

TEST_F(ReadableFilesTest, WhatIsNotAsTheTableSaysIsNotKept) {
  auto lake = open();
  const auto kind_of = [&](const DataFile& file) {
    const auto readable = ReadableFiles::open(lake, {file});
    return readable.ok() ? std::optional<ErrorKind>() : readable.error().kind();
  };
  auto shorter = make("shorter", 5'000);
  shorter.size_bytes = 5'001;
  EXPECT_EQ(kind_of(shorter), ErrorKind::corrupt);
  auto longer = make("longer", 5'000);
  longer.size_bytes = 4'999;
  EXPECT_EQ(kind_of(longer), ErrorKind::corrupt);
  auto tiny = make("tiny", 500);
  tiny.size_bytes = 3;
  EXPECT_EQ(kind_of(tiny), ErrorKind::corrupt);
  const auto text = make("text", 500);
  ASSERT_TRUE(far_->put(text.key, std::string(500, 'x')).ok());
  EXPECT_EQ(kind_of(text), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(test_file("gone", 1)), ErrorKind::not_found);
  const auto replaced = make("replaced", 20'000'000);
  far_->before_part = [&](uint64_t offset) {
    if (offset == 8 << 20) (void)make("replaced", 20'000'000);
  };
  EXPECT_EQ(kind_of(replaced), ErrorKind::unavailable);
  far_->before_part = nullptr;
  EXPECT_EQ(kept(), 0U);
  EXPECT_EQ(kind_of(replaced), std::nullopt);
}

TEST_F(ReadableFilesTest, AnewReadsWhatLiesThere) {
  auto lake = open();
  const auto file = make("a", 5'000);
  ASSERT_TRUE(ReadableFiles::open(lake, {file}).ok());
  auto changed = far_content(file);
  changed[100] = '#';
  ASSERT_TRUE(far_->put(file.key, changed).ok());
  {
    const auto readable = ReadableFiles::open(lake, {file}, {.anew = true});
    ASSERT_TRUE(readable.ok());
    EXPECT_TRUE(content(readable.value().paths()[0]) == changed);
  }
  EXPECT_EQ(kept(), 1U);
}

TEST_F(ReadableFilesTest, CanBeCancelled) {
  auto lake = open();
  std::atomic<bool> cancelled{false};
  far_->before_part = [&](uint64_t offset) { cancelled = offset >= 8 << 20; };
  const auto readable =
      ReadableFiles::open(lake, {make("a", 50'000'000)}, {.cancelled = &cancelled});
  ASSERT_FALSE(readable.ok());
  EXPECT_EQ(readable.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(ReadableFilesTest, TwoAtOnceFetchAFileOnce) {
  auto lake = open();
  std::vector<DataFile> files;
  for (int i = 0; i < 10; ++i) files.push_back(make("file" + std::to_string(i), 50'000));
  // No file comes before one of the two waits for a file that the other one fetches.
  std::atomic<bool> waited{false};
  io::testing::FakeTime time;
  time.on_wait = [&] {
    waited = true;
    waited.notify_all();
  };
  far_->before_part = [&](uint64_t) { waited.wait(false); };
  const auto fetch = [&] {
    auto own = open();
    const auto readable = ReadableFiles::open(own, files, {.waiter = &time});
    ASSERT_TRUE(readable.ok());
    for (size_t i = 0; i < files.size(); ++i)
      EXPECT_EQ(fs::file_size(readable.value().paths()[i]), 50'000U);
  };
  std::thread other(fetch);
  fetch();
  other.join();
  EXPECT_EQ(far_->count("part"), 10);
}

TEST_F(ReadableFilesTest, MetadataAndWhatWasWrittenHereIsNotFetched) {
  auto lake = open();
  auto table = lake.open_table();
  ASSERT_TRUE(table.ok());
  Change change;
  auto file = test_file("a", 1);
  file.size_bytes = 500;
  ASSERT_TRUE(lake.objects().put(file.key, "PAR1" + std::string(492, 'x') + "PAR1").ok());
  change.added = {file};
  ASSERT_TRUE(table.value().commit(change).ok());
  auto other = open();
  auto reader = other.open_table();
  ASSERT_TRUE(reader.ok());
  const auto files = reader.value().files(*reader.value().current(), {});
  ASSERT_TRUE(files.ok() && files.value().size() == 1);
  EXPECT_TRUE(ReadableFiles::open(other, files.value()).ok());
  EXPECT_EQ(far_->count("get") + far_->count("part") + far_->count("range"), 0);
  EXPECT_TRUE(reader.value().metadata_location().starts_with("s3://bucket/lake/cairn/cloudtrail/"));

  fs::remove_all(cache());
  auto cold = open();
  ASSERT_TRUE(cold.open_table().ok());
  EXPECT_EQ(far_->count("get"), 1);
  for (auto& entry : fs::directory_iterator(cache() / "files"))  // a bit of the copy turns
    std::fstream(entry.path(), std::ios::in | std::ios::out | std::ios::binary) << "#";
  ASSERT_TRUE(cold.open_table().ok());
  EXPECT_EQ(far_->count("get"), 2);
}

TEST_F(ReadableFilesTest, AnotherCatalogDoesNotTakeThePlaceOver) {
  auto lake = open();
  auto table = lake.open_table();
  Change change;
  change.added = {make("a", 500)};
  ASSERT_TRUE(table.value().commit(change).ok());
  fs::remove(folder_.path() / "catalog.db");
  auto stranger = open();
  const auto refused = stranger.open_table();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::already_exists);
  EXPECT_NE(refused.error().message().find("--catalog"), std::string::npos);
}

TEST_F(ReadableFilesTest, NeedsACatalog) {
  const auto lake = Lake::open(
      {.location = "s3://bucket/lake", .objects = far_, .cache = {.folder = cache().string()}},
      clock_, true);
  ASSERT_FALSE(lake.ok());
  EXPECT_EQ(lake.error().kind(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace cairn::store
