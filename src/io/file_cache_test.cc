#include "io/file_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

class FileCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("cairn_cache_" + std::to_string(getpid()));
    fs::remove_all(folder_);
  }

  void TearDown() override { fs::remove_all(folder_); }

  std::shared_ptr<FileCache> open(uint64_t bytes_max = 1'000'000) const {
    return FileCache::open({.folder = (folder_ / "cache").string(), .bytes_max = bytes_max})
        .value();
  }

  static void put(FileCache& cache, const std::string& name, const std::string& bytes) {
    auto download = cache.begin(name, bytes.size());
    ASSERT_TRUE(download.ok() && download.value());
    ASSERT_TRUE(download.value()->write(0, bytes).ok());
    ASSERT_TRUE(download.value()->finish().ok());
  }

  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// Names that are kept, in order.
  std::vector<std::string> kept(const char* below = "files") const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / "cache" / below))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// As if it had been used that many seconds after the others.
  void used_at(const std::string& name, int64_t seconds) const {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / "cache/files" / name).c_str(), times, 0), 0);
  }

  fs::path folder_;
};

using Names = std::vector<std::string>;

TEST_F(FileCacheTest, IsForItsOwnerAlone) {
  open();
  struct stat info = {};
  ASSERT_EQ(stat((folder_ / "cache").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  EXPECT_FALSE(FileCache::open({.folder = ""}).ok());
  std::ofstream(folder_ / "file") << "no folder";
  EXPECT_FALSE(FileCache::open({.folder = (folder_ / "file/cache").string()}).ok());
}

TEST_F(FileCacheTest, WhatIsFetchedIsThereOnceItIsWhole) {
  const auto cache = open();
  auto pins = CachePins::open(cache).value();
  EXPECT_FALSE(pins.take("a", 6).value());
  auto download = cache->begin("a", 6).value();
  ASSERT_TRUE(download);
  ASSERT_TRUE(download->write(3, "def").ok());
  EXPECT_FALSE(pins.take("a", 6).value());
  ASSERT_TRUE(download->write(0, "abc").ok());
  EXPECT_EQ(download->read(2, 2).value(), "cd");
  const auto path = download->finish(pins, true).value();
  EXPECT_EQ(content(path), "abcdef");
  EXPECT_EQ(kept(), Names{"a"});
  EXPECT_EQ(pins.take("a", 6).value(), path);  // again
  EXPECT_EQ(pins.read("a", 4, 9).value(), "ef");
  EXPECT_EQ(cache->read_part("a", 1, 3), "bcd");
  EXPECT_FALSE(cache->read_part("a", 4, 3));
  EXPECT_FALSE(cache->read_part("b", 0, 1));
  auto others = CachePins::open(cache).value();
  EXPECT_NE(others.take("a", 6).value(), path);
}

TEST_F(FileCacheTest, UnfinishedFilesLeaveNothing) {
  const auto cache = open();
  { (void)cache->begin("a", 1000).value(); }
  EXPECT_EQ(kept("partial"), Names{});
  auto pins = CachePins::open(cache).value();
  auto download = cache->begin("b", 1).value();
  ASSERT_TRUE(download->write(0, "x").ok());
  const auto path = download->finish(pins, false).value();
  download.reset();
  EXPECT_EQ(content(path), "x");
  EXPECT_EQ(kept(), Names{});
  EXPECT_EQ(kept("partial"), Names{});
}

TEST_F(FileCacheTest, OneFetchesAFileAtATime) {
  const auto cache = open();
  auto first = cache->begin("a", 1).value();
  EXPECT_FALSE(cache->begin("a", 1).value());
  EXPECT_TRUE(cache->begin("b", 1).value());
  first.reset();
  EXPECT_TRUE(cache->begin("a", 1).value());
}

TEST_F(FileCacheTest, LeastRecentlyUsedGoFirst) {
  const auto cache = open(30);
  for (const char* name : {"a", "b", "c"}) put(*cache, name, std::string(10, *name));
  used_at("a", 3);
  used_at("b", 1);
  used_at("c", 2);
  {
    auto pins = CachePins::open(cache).value();
    EXPECT_TRUE(pins.take("b", 10).value());  // used now
  }
  cache->make_room(1);
  EXPECT_EQ(kept(), (Names{"a", "b"}));
  cache->make_room(20);
  EXPECT_EQ(kept(), Names{"b"});
  cache->make_room(1'000);  // can never fit: all goes
  EXPECT_EQ(kept(), Names{});
}

TEST_F(FileCacheTest, WhatIsInUseStays) {
  const auto cache = open(15);
  put(*cache, "a", std::string(10, 'a'));
  std::string path;
  {
    auto pins = CachePins::open(cache).value();
    path = *pins.take("a", 10).value();
    put(*cache, "b", std::string(10, 'b'));
    cache->make_room(0);
    EXPECT_EQ(kept(), Names{"a"});  // b was used later, but nobody holds it
    cache->drop("a");
    EXPECT_EQ(content(path), std::string(10, 'a'));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(kept("use"), Names{});
}

TEST_F(FileCacheTest, ReleaseBringsTheCacheBelowItsLimit) {
  const auto cache = open(15);
  {
    auto pins = CachePins::open(cache).value();
    for (const char* name : {"a", "b", "c"}) {  // a query that needs more than the limit
      auto download = cache->begin(name, 10).value();
      ASSERT_TRUE(download->write(0, std::string(10, *name)).ok());
      ASSERT_TRUE(download->finish(pins, true).ok());
    }
    EXPECT_EQ(kept().size(), 3U);
  }
  EXPECT_EQ(kept().size(), 1U);
}

TEST_F(FileCacheTest, TornFilesAreRemoved) {
  const auto cache = open();
  put(*cache, "a", "0123456789");
  fs::resize_file(folder_ / "cache/files/a", 7);
  auto pins = CachePins::open(cache).value();
  EXPECT_FALSE(pins.take("a", 10).value());
  EXPECT_EQ(kept(), Names{});
  put(*cache, "a", "0123456789");
  ASSERT_TRUE(pins.take("a", 10).value());
  pins.discard("a");
  EXPECT_FALSE(pins.take("a", 10).value());
}

TEST_F(FileCacheTest, SmallFilesHaveAChecksum) {
  const auto cache = open();
  EXPECT_FALSE(cache->read("m"));
  cache->keep("m", "metadata");
  cache->keep("empty", "");
  EXPECT_EQ(cache->read("m"), "metadata");
  EXPECT_EQ(cache->read("empty"), "");
  const auto path = folder_ / "cache/files/m";
  for (uintmax_t size = fs::file_size(path); size-- > 0;) {
    cache->keep("m", "metadata");
    fs::resize_file(path, size);
    EXPECT_FALSE(cache->read("m")) << size;
    EXPECT_FALSE(fs::exists(path)) << size;
  }
  cache->keep("m", "metadata");
  std::ofstream(path, std::ios::in | std::ios::binary) << "M";
  EXPECT_FALSE(cache->read("m"));
  cache->keep("m", "metadata");
  cache->drop("m");
  EXPECT_FALSE(cache->read("m"));
  EXPECT_EQ(kept("partial"), Names{});
}

TEST_F(FileCacheTest, WhatDeadProcessesLeftIsClearedAway) {
  const auto cache = open();
  put(*cache, "a", "x");
  const pid_t child = fork();
  if (child == 0) {  // dies in the middle of everything
    auto mine = open();
    auto* const pins = new CachePins(CachePins::open(mine).value());
    auto* const download = new std::optional<CacheDownload>(mine->begin("b", 5).value());
    const bool good = pins->take("a", 1).value() && download->has_value();
    _exit(good ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(kept("use").size(), 2U);
  EXPECT_EQ(kept("partial"), Names{"b"});
  EXPECT_TRUE(cache->begin("b", 5).value());  // nobody is at it
  { const auto pins = CachePins::open(cache).value(); }
  EXPECT_EQ(kept("use"), Names{});
  EXPECT_EQ(kept("partial"), Names{});
}

/// Many processes fetch, use, and push out of a small cache the same files.
TEST_F(FileCacheTest, ManyProcessesAtOnce) {
  constexpr int kProcesses = 6;
  constexpr int kRounds = 60;
  constexpr int kNames = 8;
  const auto cache = open(4'000);  // of 8 files of 1,000 bytes each
  std::vector<pid_t> children;
  for (int child = 0; child < kProcesses; ++child) {
    const pid_t id = fork();
    if (id == 0) {
      const auto mine = open(4'000);
      for (int round = 0; round < kRounds; ++round) {
        auto pins = CachePins::open(mine).value();
        for (int i = 0; i < 3; ++i) {
          const char letter = static_cast<char>('a' + (round * 5 + child * 3 + i) % kNames);
          const std::string name(1, letter);
          const std::string bytes(1'000, letter);
          for (std::optional<std::string> path;;) {
            path = pins.take(name, bytes.size()).value();
            if (!path) {
              auto download = mine->begin(name, bytes.size()).value();
              if (!download) {
                std::this_thread::yield();
                continue;
              }
              for (uint64_t at = 0; at < bytes.size(); at += 250)
                if (!download->write(at, std::string_view(bytes).substr(at, 250)).ok()) _exit(2);
              path = download->finish(pins, true).value();
            }
            if (content(*path) != bytes) _exit(3);
            break;
          }
          if (round % 7 == child) mine->make_room(2'000);
        }
      }
      _exit(0);
    }
    children.push_back(id);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  cache->make_room(0);
  EXPECT_LE(kept().size(), 4U);
  EXPECT_EQ(kept("partial"), Names{});
}

}  // namespace
}  // namespace cairn::io
