// A lake that a service feeds stays one of few files, and loses nothing by it.
#include "app/upkeep.h"

#include "app/log.h"
#include "ingest/ingest.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/testing/fakes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

class SetClock final : public io::Clock {
 public:
  int64_t now_us() const override { return now_us_; }

  void advance(int64_t seconds) { now_us_ += seconds * 1'000'000; }

 private:
  std::atomic<int64_t> now_us_{1'790'000'000'000'000};
};

class UpkeepTest : public ::testing::Test {
 protected:
  UpkeepTest() {
    std::string pattern = (fs::temp_directory_path() / "cairn-upkeep-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directory(folder_ / "logs");
  }

  ~UpkeepTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  store::LakeOptions lake() const { return {.location = (folder_ / "lake").string()}; }

  /// A commit of its own with one event.
  void add_event(int id) {
    const auto file = folder_ / "logs" / fmt::format("{}.json", id);
    const auto text =
        fmt::format(R"({{"Records":[{{"eventVersion":"1.11","eventTime":"2026-10-01T00:00:{:02}Z",)"
                    R"("eventName":"Call","eventID":"{}","recipientAccountId":"111122223333"}}]}})",
                    id % 60, id);
    ASSERT_TRUE(io::write_file(file.string(), text).ok());
    auto opened = store::Lake::open(lake(), clock_, true);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    ingest::IngestProgress progress;
    const std::atomic<bool> cancelled{false};
    const auto source = ingest::make_file_source({file.string()});
    const auto report =
        ingest::ingest(opened.value(), *source, {.threads = 1}, clock_, cancelled, progress);
    ASSERT_TRUE(report.ok()) << report.error().message();
  }

  /// Data files and events of the lake.
  std::pair<size_t, int64_t> counts() {
    auto opened = store::Lake::open(lake(), clock_, false);
    auto table = opened.value().open_table();
    const auto files = table.value().files(*table.value().current(), {});
    int64_t rows = 0;
    for (const auto& file : files.value()) rows += file.rows;
    return {files.value().size(), rows};
  }

  /// Ages in seconds of the lake's snapshots, oldest first.
  std::vector<int64_t> ages() {
    auto opened = store::Lake::open(lake(), clock_, false);
    auto table = opened.value().open_table();
    std::vector<int64_t> found;
    for (const auto& snapshot : table.value().snapshots())
      found.push_back(clock_.now_us() / 1'000'000 - snapshot.timestamp_ms / 1'000);
    return found;
  }

  SetClock clock_;
  fs::path folder_;
};

TEST_F(UpkeepTest, MergesSmallFilesWhenThereAreTooMany) {
  constexpr int kEvents = 12;
  for (int i = 0; i < kEvents; ++i) add_event(i);
  ASSERT_EQ(counts(), std::pair(size_t{kEvents}, int64_t{kEvents}));
  Log log(clock_, [](Level, const std::string& line) { ADD_FAILURE() << line; });
  io::testing::FakeTime time;
  std::atomic<int> cleanings{0};
  auto upkeep = Upkeep::start(lake(), clock_, time, log, {.small_files_max = 8}, [&] {
    ++cleanings;
    return Status{};
  });
  ASSERT_TRUE(upkeep.ok()) << upkeep.error().message();
  for (int round = 1; round <= 4; ++round) {
    time.wake_next();
    time.wait_for_sleeper();
    EXPECT_EQ(cleanings, round);
    EXPECT_EQ(upkeep.value()->status().compactions, 1U) << "one file is not too many";
    EXPECT_EQ(upkeep.value()->status().files_merged, uint64_t{kEvents});
    EXPECT_EQ(counts(), std::pair(size_t{1}, int64_t{kEvents}));
  }
}

TEST_F(UpkeepTest, KeepsFewSnapshotsOfALongTrickle) {
  Log log(clock_, [](Level, const std::string& line) { ADD_FAILURE() << line; });
  io::testing::FakeTime time;
  auto upkeep =
      Upkeep::start(lake(), clock_, time, log, {.small_files_max = 1'000, .snapshots_added_max = 8},
                    [] { return Status{}; });
  ASSERT_TRUE(upkeep.ok()) << upkeep.error().message();
  constexpr int64_t kStep = 300;
  constexpr int kCommits = 40;  // three hours and twenty minutes
  for (int i = 0; i < kCommits; ++i) {
    add_event(i);
    clock_.advance(kStep);
    if (i % 2 != 1) continue;
    time.wake_next();
    time.wait_for_sleeper();
    EXPECT_LE(ages().size(), 2U + 6 + 5 + 8) << i;
  }
  const auto kept = ages();
  EXPECT_GT(upkeep.value()->status().snapshots_expired, 18U);
  EXPECT_EQ(kept.back(), kStep);
  int64_t recent = 0;
  for (size_t i = 0; i + 1 < kept.size(); ++i) {
    EXPECT_LE(kept[i] - kept[i + 1], 2 * 3'600) << "one an hour stays";
    recent += kept[i] <= 600 ? 1 : 0;
  }
  EXPECT_GE(recent, 1) << "the newest all stay";
  EXPECT_GT(kept.front(), 2 * 3'600);
  EXPECT_EQ(counts().second, kCommits) << "no event is lost";
}

}  // namespace
}  // namespace cairn::app
