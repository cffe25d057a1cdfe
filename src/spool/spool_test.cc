#include "spool/spool.h"

#include "spool/internal/segment_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

namespace cairn::spool {
namespace {

namespace fs = std::filesystem;

class FixedClock final : public io::Clock {
 public:
  int64_t now_us() const override { return 1'774'000'000'000'000; }
};

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() : folder_(fs::temp_directory_path() / fmt::format("cairn_spool_test_{}", getpid())) {
    fs::remove_all(folder_);
    options_.folder = folder_.string();
  }

  ~SpoolTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Spool> open() {
    auto spool = Spool::open(options_, clock_);
    EXPECT_TRUE(spool.ok()) << (spool.ok() ? "" : spool.error().message());
    return std::move(spool).value();
  }

  static std::vector<std::string> records(const Spool& spool, uint64_t from = 0) {
    std::vector<std::string> found;
    for (const auto& segment : spool.sealed(from))
      EXPECT_TRUE(spool
                      .read(segment,
                            [&](std::string_view record) {
                              found.emplace_back(record);
                              return true;
                            })
                      .ok());
    return found;
  }

  std::string text_of(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(folder_);
    std::ofstream(folder_ / name) << text;
  }

  fs::path folder_;
  SpoolOptions options_;
  FixedClock clock_;
};

using Records = std::vector<std::string>;

TEST_F(SpoolTest, GivesBackWhatWasAppended) {
  auto spool = open();
  EXPECT_EQ(spool->roll().value(), 1U);  // nothing to seal
  ASSERT_TRUE(spool->append({R"({"a":1})", R"({"a":2})"}).ok());
  EXPECT_TRUE(records(*spool).empty());
  EXPECT_EQ(spool->roll().value(), 2U);
  ASSERT_TRUE(spool->append({R"({"a":3})"}).ok());
  EXPECT_EQ(spool->current(), 2U);
  EXPECT_EQ(spool->roll().value(), 3U);
  EXPECT_EQ(records(*spool), (Records{R"({"a":1})", R"({"a":2})", R"({"a":3})"}));
  EXPECT_EQ(records(*spool, 2), (Records{R"({"a":3})"}));
  EXPECT_EQ(spool->records_appended(), 3U);
  EXPECT_EQ(text_of("0000000001-2.jsonl"), "{\"a\":1}\n{\"a\":2}\n\n");
  ASSERT_TRUE(spool->remove_before(2).ok());
  EXPECT_EQ(records(*spool), (Records{R"({"a":3})"}));
  EXPECT_EQ(spool->bytes(), 9U);
}

TEST_F(SpoolTest, SealsAtItsSize) {
  options_.segment_bytes_max = 20;
  auto spool = open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool->append({fmt::format(R"({{"n":{}}})", i)}).ok());
  EXPECT_EQ(spool->sealed(0).size(), 3U);  // three records of nine bytes each
  EXPECT_EQ(spool->roll().value(), 5U);
  EXPECT_EQ(records(*spool).size(), 10U);
}

TEST_F(SpoolTest, RefusesWhatItCannotHold) {
  options_.record_bytes_max = 10;
  options_.bytes_max = 40;
  auto spool = open();
  EXPECT_EQ(spool->append({R"({"a":"too long"})"}).error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(spool->append({"[1]"}).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(spool->append({"{\n}"}).error().kind(), ErrorKind::invalid_argument);
  ASSERT_TRUE(spool->append({R"({"a":1})", R"({"a":2})", R"({"a":3})"}).ok());
  EXPECT_EQ(spool->append({R"({"a":1})", R"({"a":2})"}).error().kind(), ErrorKind::unavailable);
  ASSERT_TRUE(spool->roll().ok());
  ASSERT_TRUE(spool->remove_before(2).ok());
  EXPECT_TRUE(spool->append({R"({"a":1})", R"({"a":2})"}).ok());
}

TEST_F(SpoolTest, OneProcessAtATime) {
  const auto spool = open();
  EXPECT_EQ(Spool::open(options_, clock_).error().kind(), ErrorKind::unavailable);
}

TEST_F(SpoolTest, NumbersNeverComeBack) {
  {
    auto spool = open();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(spool->append({"{}"}).ok());
      ASSERT_TRUE(spool->roll().ok());
    }
    ASSERT_TRUE(spool->remove_before(100).ok());
  }
  auto spool = open();
  EXPECT_EQ(spool->current(), 4U);
}

TEST_F(SpoolTest, TakesUpWhatAProcessLeft) {
  write("0000000007.open", "{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}\n\n{\"torn\":1}\n{\"to");
  write("0000000003-1.jsonl", "{\"b\":1}\n\n");
  write("0000000009.open", "{\"never acknowledged\":");
  write("0000000001-1.jsonl.part", "x");
  auto spool = open();
  EXPECT_EQ(spool->recovery().segments, 2U);
  EXPECT_EQ(spool->recovery().torn_bytes, 15U + 22U);
  EXPECT_EQ(records(*spool), (Records{R"({"b":1})", R"({"a":1})", R"({"a":2})", R"({"a":3})"}));
  EXPECT_EQ(spool->current(), 10U);
  EXPECT_FALSE(fs::exists(folder_ / "0000000007.open"));
  EXPECT_FALSE(fs::exists(folder_ / "0000000001-1.jsonl.part"));
}

TEST_F(SpoolTest, SetsDamagedLinesAside) {
  write("0000000001.open",
        std::string("{\"a\":1}\n") + std::string(5, '\0') + "\n{\"b\":2}\n\n{\"c\":}\n\n");
  auto spool = open();
  EXPECT_EQ(records(*spool), (Records{R"({"a":1})", R"({"b":2})"}));
  EXPECT_EQ(spool->recovery().damaged_records, 2U);
  EXPECT_EQ(spool->recovery().damaged_file, (folder_ / "damaged-0000000001.txt").string());
  EXPECT_EQ(text_of("damaged-0000000001.txt"), std::string(5, '\0') + "\n{\"c\":}\n");
}

TEST_F(SpoolTest, SealsAtItsEnd) {
  open()->append({R"({"a":1})"}).value();
  EXPECT_TRUE(fs::exists(folder_ / "0000000001-1.jsonl"));
  EXPECT_EQ(records(*open()), Records{R"({"a":1})"});
}

TEST_F(SpoolTest, ManyThreadsShareASegment) {
  auto spool = open();
  std::atomic<bool> done{false};
  std::thread roller([&] {
    while (!done) EXPECT_TRUE(spool->roll().ok());
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto one = fmt::format(R"({{"t":{},"i":{}}})", t, i);
        const auto two = fmt::format(R"({{"t":{},"i":{},"second":1}})", t, i);
        EXPECT_TRUE(spool->append({one, two}).ok());
      }
    });
  for (auto& thread : threads) thread.join();
  done = true;
  roller.join();
  ASSERT_TRUE(spool->roll().ok());
  const auto all = records(*spool);
  EXPECT_EQ(all.size(), 800U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 800U);
  for (const auto& segment : spool->sealed(0)) EXPECT_EQ(segment.records % 2, 0U);
}

TEST_F(SpoolTest, ADiskThatIsFullLosesNothing) {
  auto spool = open();
  ASSERT_TRUE(spool->append({R"({"a":1})"}).ok());
  std::signal(SIGXFSZ, SIG_IGN);

  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 12, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto refused = spool->append({R"({"a":2})"});
  setrlimit(RLIMIT_FSIZE, &before);

  EXPECT_FALSE(refused.ok());
  ASSERT_TRUE(spool->append({R"({"a":3})"}).ok());
  ASSERT_TRUE(spool->roll().ok());
  EXPECT_EQ(records(*spool), (Records{R"({"a":1})", R"({"a":3})"}));
}

constexpr uint64_t kReserve = 4'096;

/// Runs `work` while no file may have more bytes, as on a disk that is full.
void on_full_disk(rlim_t bytes, const std::function<void()>& work) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = bytes, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  work();
  setrlimit(RLIMIT_FSIZE, &before);
}

std::string record_of(size_t bytes) {
  return fmt::format(R"({{"a":"{}"}})", std::string(bytes, 'x'));
}

TEST_F(SpoolTest, RecordsOfCallsFindSpaceOnAFullDisk) {
  options_.reserve_bytes = kReserve;
  auto spool = open();
  const auto large = record_of(kReserve);
  ASSERT_TRUE(spool->append({large}).ok());
  on_full_disk(kReserve + 20, [&] {
    const auto room = spool->hold(100);
    ASSERT_TRUE(room.ok()) << room.error().message();
    EXPECT_EQ(spool->append({record_of(50)}).error().kind(), ErrorKind::unavailable);
    EXPECT_TRUE(spool->append_call(R"({"call":1})", *room.value()).ok());
    EXPECT_TRUE(spool->append_call(R"({"call":2})", *room.value()).ok());
    EXPECT_EQ(spool->space().reserve_used_bytes, 24U);
    ASSERT_TRUE(spool->roll().ok());
  });
  ASSERT_TRUE(spool->roll().ok());
  EXPECT_EQ(records(*spool), (Records{large, R"({"call":1})", R"({"call":2})"}));
  EXPECT_EQ(spool->space().reserve_used_bytes, 0U);
  EXPECT_EQ(spool->records_appended(), 3U);
  ASSERT_TRUE(spool->remove_before(100).ok());
  EXPECT_EQ(spool->bytes(), 0U);
}

TEST_F(SpoolTest, RefusesCallsAfterADiskRefusedEverything) {
  options_.reserve_bytes = kReserve;
  auto spool = open();
  on_full_disk(0, [&] {
    const auto room = spool->hold(100);
    ASSERT_TRUE(room.ok());
    EXPECT_EQ(spool->append_call(R"({"call":1})", *room.value()).error().kind(),
              ErrorKind::unavailable);
    EXPECT_EQ(spool->hold(100).error().kind(), ErrorKind::unavailable);
  });
  const auto room = spool->hold(100);
  ASSERT_TRUE(room.ok()) << room.error().message();
  EXPECT_TRUE(spool->append_call(R"({"call":2})", *room.value()).ok());
  ASSERT_TRUE(spool->roll().ok());
  EXPECT_EQ(records(*spool), Records{R"({"call":2})"});
}

TEST_F(SpoolTest, RefusesCallsWhoseRecordsWouldFindNoSpace) {
  options_.reserve_bytes = kReserve;
  auto spool = open();
  {
    const auto all = spool->hold(kReserve);
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(spool->hold(1).error().kind(), ErrorKind::unavailable);
  }
  EXPECT_TRUE(spool->hold(kReserve).ok()) << "room comes back";
  EXPECT_EQ(spool->hold(kReserve + 1).error().kind(), ErrorKind::unavailable);
  const auto small = spool->hold(5);
  EXPECT_EQ(spool->append_call(R"({"a":1})", *small.value()).error().kind(), ErrorKind::internal);
}

TEST_F(SpoolTest, AFullSpoolTakesRecordsOfCalls) {
  options_.reserve_bytes = kReserve;
  options_.bytes_max = 20;
  auto spool = open();
  EXPECT_EQ(spool->append({record_of(50)}).error().kind(), ErrorKind::unavailable);
  EXPECT_TRUE(spool->append_call(record_of(50), *spool->hold(100).value()).ok());
}

TEST_F(SpoolTest, RefusesEventsWhileFreeSpaceIsLow) {
  uint64_t free = 99;
  options_.free_bytes_min = 100;
  options_.reserve_bytes = kReserve;
  options_.free_bytes = [&] { return Result<uint64_t>(free); };
  auto spool = open();
  const auto refused = spool->append({R"({"a":1})"});
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);
  EXPECT_TRUE(spool->space().is_low());
  EXPECT_TRUE(spool->append_call(R"({"call":1})", *spool->hold(100).value()).ok());
  free = 100;
  EXPECT_TRUE(spool->append({R"({"a":1})"}).ok());
  EXPECT_FALSE(spool->space().is_low());
}

TEST_F(SpoolTest, TakesUpWhatAProcessLeftInTheReserve) {
  options_.reserve_bytes = kReserve;
  const std::string whole = "{\"a\":1}\n\n{\"a\":2}\n\n";
  const std::string stale = "{\"old\":1}\n\n";
  for (const auto& torn : {std::string(), std::string("{\"torn"), std::string("{\"torn\":1}\n")}) {
    SCOPED_TRACE(torn);
    auto text = whole + torn + std::string(3, '\0') + stale;
    text.resize(kReserve, '\0');
    write("reserve", text);
    {
      auto spool = open();
      EXPECT_EQ(spool->space().reserve_used_bytes, whole.size());
      ASSERT_TRUE(spool->roll().ok());
      EXPECT_EQ(records(*spool), (Records{R"({"a":1})", R"({"a":2})"}));
      ASSERT_TRUE(spool->remove_before(100).ok());
      EXPECT_EQ(spool->bytes(), 0U);
    }
    EXPECT_EQ(text_of("reserve"), std::string(kReserve, '\0'));
  }
}

TEST_F(SpoolTest, AReserveOfAnotherSizeIsMadeAgain) {
  write("reserve", "{\"a\":1}\n\n");
  for (const auto bytes : {kReserve, 2 * kReserve, kReserve / 2}) {
    options_.reserve_bytes = bytes;
    auto spool = open();
    EXPECT_EQ(spool->space().reserve_bytes, bytes);
    EXPECT_EQ(text_of("reserve").size(), bytes);
    EXPECT_TRUE(spool->append_call(R"({"b":1})", *spool->hold(100).value()).ok());
    ASSERT_TRUE(spool->roll().ok());
    EXPECT_EQ(spool->space().reserve_used_bytes, 0U);
  }
  auto spool = open();
  EXPECT_EQ(records(*spool).size(), 4U);
}

TEST_F(SpoolTest, ADiskWithoutSpaceForANoteStillGetsItsSpaceBack) {
  auto spool = open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(spool->append({R"({"a":1})"}).ok());
    ASSERT_TRUE(spool->roll().ok());
  }
  fs::create_directory(folder_ / "next.part");  // the note cannot be written
  EXPECT_TRUE(spool->remove_before(4).ok());
  EXPECT_EQ(spool->sealed(0).size(), 1U) << "its number must not come back";
  EXPECT_FALSE(spool->remove_before(4).ok());
  fs::remove(folder_ / "next.part");
  EXPECT_TRUE(spool->remove_before(4).ok());
  EXPECT_TRUE(spool->sealed(0).empty());
}

TEST(SegmentName, ReadsBackWhatItWrites) {
  EXPECT_EQ(internal::parse_name("0000000042.open")->number, 42U);
  EXPECT_EQ(internal::parse_name("0000000042-7.jsonl")->records, 7U);
  for (const auto* const other : {"42.open", "0000000042.jsonl", "0000000042-.jsonl", "lock",
                                  "0000000042-07.jsonl", "damaged-0000000001.txt", ".open"})
    EXPECT_FALSE(internal::parse_name(other)) << other;
}

}  // namespace
}  // namespace cairn::spool
