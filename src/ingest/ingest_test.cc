#include "ingest/ingest.h"

#include "base/gzip.h"
#include "engine/database.h"
#include "engine/record_function.h"
#include "ingest/identity.h"
#include "ingest/key_set.h"
#include "io/file.h"
#include "store/lake_sql.h"
#include "store/readable_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cairn::ingest {
namespace {

namespace fs = std::filesystem;

TEST(KeySet, takes_each_key_once) {
  KeySet keys;
  for (uint64_t i = 0; i < 10'000; ++i) EXPECT_TRUE(keys.insert({i * 1024, i}));
  for (uint64_t i = 0; i < 10'000; ++i) EXPECT_FALSE(keys.insert({i * 1024, i}));
  EXPECT_EQ(keys.size(), 10'000U);
}

TEST(KeySet, takes_what_it_said_when_room_was_made) {
  const auto key = [](uint64_t i) { return EventKey{i * 0x9E3779B97F4A7C15, i}; };
  KeySet keys;
  keys.reserve(100'000);
  EXPECT_EQ(keys.bytes(), KeySet::bytes_of(100'000));
  for (uint64_t i = 1; i <= 100'000; ++i) EXPECT_TRUE(keys.insert(key(i)));
  EXPECT_EQ(keys.bytes(), KeySet::bytes_of(100'000));
  EXPECT_LE(keys.bytes(), 100'000 * 16 * 8 / 3);
  keys.reserve(10);
  EXPECT_FALSE(keys.insert(key(100'000)));
}

TEST(Identity, every_part_counts_and_parts_do_not_run_together) {
  const Identity identity(7);
  const IdentityParts base{.account = "12", .region = "3", .event_id = "e", .insight_state = {}};
  const auto key = identity.of(base);
  EXPECT_EQ(identity.of(base), key);
  EXPECT_NE(identity.of({.account = "1", .region = "23", .event_id = "e", .insight_state = {}}),
            key);
  EXPECT_NE(identity.of({.account = "12", .region = "3", .event_id = "e", .insight_state = "End"}),
            key);
  EXPECT_NE(Identity(8).of(base), key);
  EXPECT_EQ(insight_state(R"({"insightType":"x","state":"Start"})"), "Start");
  EXPECT_EQ(insight_state("[]"), "");
}

/// A folder of log files and a lake, gone at the end.
class IngestTest : public ::testing::Test {
 protected:
  IngestTest() {
    std::string pattern = (fs::temp_directory_path() / "cairn-ingest-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }

  ~IngestTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  static std::string record(int id, int hour) {
    return fmt::format(
        R"({{"eventVersion":"1.11","eventTime":"2026-10-0{}T{:02}:00:00Z","eventName":"Call{}",)"
        R"("eventID":"{:08}-0000-4000-8000-000000000000","awsRegion":"eu-west-1",)"
        R"("recipientAccountId":"111122223333","requestParameters":null,"responseElements":null}})",
        1 + hour / 24, hour % 24, id % 7, id);
  }

  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(io::write_file((folder_ / name).string(), text).ok());
  }

  /// `count` events from `first` on, one an hour.
  void write_log(const std::string& name, int first, int count) {
    std::string text = "{\"Records\":[";
    for (int i = 0; i < count; ++i)
      text += (i > 0 ? "," : "") + record(first + i, (first + i) % 72);
    write(name, text + "]}");
  }

  IngestReport ingest_all(IngestOptions options = {}) {
    options.threads = 3;
    options.batch_bytes = 2000;  // many batches
    auto lake = store::Lake::open({.location = (folder_ / "lake").string()}, clock_, true);
    EXPECT_TRUE(lake.ok());
    const auto source = make_file_source({(folder_ / "logs").string()});
    IngestProgress progress;
    const std::atomic<bool> cancelled{false};
    auto report = ingest(lake.value(), *source, options, clock_, cancelled, progress);
    EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message());
    return report.ok() ? std::move(report).value() : IngestReport{};
  }

  /// Events and distinct ids of the lake.
  std::pair<int64_t, int64_t> counts() {
    auto lake = store::Lake::open({.location = (folder_ / "lake").string()}, clock_, false);
    auto table = lake.value().open_table();
    const auto files = table.value().files(*table.value().current(), {});
    const auto readable = store::ReadableFiles::open(lake.value(), files.value());
    auto database = engine::Database::open({});
    auto connection = database.value().connect();
    EXPECT_TRUE(engine::register_lake_functions(connection.value()).ok());
    auto rows =
        connection.value().query(fmt::format("SELECT count(*), count(DISTINCT eventID) FROM ({})",
                                             store::lake_source_sql(readable.value(), {})));
    EXPECT_TRUE(rows.ok() && rows.value().next().value());
    return {rows.value().cell(0, 0).integer(), rows.value().cell(1, 0).integer()};
  }

  io::SystemClock clock_;
  fs::path folder_;
};

TEST_F(IngestTest, many_threads_and_batches_take_each_event_once) {
  fs::create_directories(folder_ / "logs");
  for (int file = 0; file < 20; ++file)
    write_log(fmt::format("logs/{}.json", file), file * 25, 50);  // each event in two files
  const auto report = ingest_all();
  EXPECT_EQ(report.events_new, 525U);
  EXPECT_EQ(report.events_duplicate, 475U);
  EXPECT_EQ(report.objects_taken, 20U);
  EXPECT_GT(report.commits, 1U);
  EXPECT_EQ(counts(), (std::pair<int64_t, int64_t>{525, 525}));
  const auto again = ingest_all();
  EXPECT_EQ(again.objects_known, 20U);
  EXPECT_EQ(again.commits, 0U);
}

TEST_F(IngestTest, what_cannot_be_read_is_kept_and_counted) {
  fs::create_directories(folder_ / "logs");
  write_log("logs/good.json", 0, 10);
  write("logs/bad.json", R"({"Records":[{"eventTime":"2026-10-01T)");
  write("logs/notes.txt", "no log");
  const auto report = ingest_all();
  EXPECT_EQ(report.events_new, 10U);
  EXPECT_EQ(report.objects_taken, 1U);
  EXPECT_EQ(report.objects_rejected, 1U);
  EXPECT_EQ(report.objects_left_out, 1U);
  size_t copies = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "lake" / "rejected"))
    copies += entry.path().extension() == ".json" ? 1 : 0;
  EXPECT_EQ(copies, 2U);  // the copy, bad.json, and the facts about it
}

TEST_F(IngestTest, attributes_of_a_buckets_objects_are_no_objects) {
  fs::create_directories(folder_ / "logs");
  write_log("logs/a.json", 0, 10);
  write("logs/a.json.metadata.json", R"({"signature":"00"})");
  const auto report = ingest_all();
  EXPECT_EQ(report.objects_taken, 1U);
  EXPECT_EQ(report.objects_rejected, 0U);
}

TEST_F(IngestTest, records_without_an_id_are_told_apart_by_all_they_say) {
  fs::create_directories(folder_ / "logs");
  const std::string one =
      R"({"eventTime":"2026-10-01T00:00:00Z","eventName":"A","eventSource":"x"})";
  const std::string other =
      R"({"eventTime":"2026-10-01T00:00:00Z","eventName":"B","eventSource":"x"})";
  write("logs/a.json", one + "\n" + other + "\n" + one + "\n");
  EXPECT_EQ(ingest_all().events_new, 2U);
  write("logs/b.json", other + "\n");
  const auto again = ingest_all();
  EXPECT_EQ(again.events_new, 0U);
  EXPECT_EQ(again.events_duplicate, 1U);
}

}  // namespace
}  // namespace cairn::ingest
