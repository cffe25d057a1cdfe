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

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

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

  io::SystemClock clock_;
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

}  // namespace
}  // namespace cairn::app
