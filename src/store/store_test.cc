#include "store/internal/manifest.h"
#include "store/internal/table_state.h"
#include "store/store_test_support.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace cairn::store {
namespace {

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { open_lake(folder_.path() / "lake"); }

  void open_lake(const fs::path& lake) {
    catalog_.reset();
    lake_ = lake;
    store_ = io::open_folder_store(lake.string(), true).value();
    catalog_ =
        open_catalog({.url = "sqlite://" + (lake / "catalog.db").string(), .create = true}).value();
  }

  Table table() {
    return Table::open_or_create(*store_, *catalog_, clock_, test_definition()).value();
  }

  Change adding(const std::string& name, int32_t day) {
    Change change;
    change.added = {test_file(name, day)};
    EXPECT_TRUE(store_->put(change.added[0].key, "data").ok());
    return change;
  }

  Snapshot add(Table& to, const std::string& name, int32_t day) {
    clock_.now += 1'000'000;
    return to.commit(adding(name, day)).value();
  }

  static std::set<std::string> names(Table& of, const Snapshot& snapshot,
                                     const Table::DayRange& days = {}) {
    std::set<std::string> made;
    const auto files = of.files(snapshot, days);
    EXPECT_TRUE(files.ok()) << (files.ok() ? "" : files.error().message());
    for (const auto& file : files.value()) made.insert(fs::path(file.key).stem());
    return made;
  }

  size_t objects(const std::string& prefix) {
    size_t count = 0;
    EXPECT_TRUE(store_->list(prefix, "", [&](const auto&) { return ++count, true; }).ok());
    return count;
  }

  TestFolder folder_{"store_test"};
  fs::path lake_;
  TestClock clock_;
  std::unique_ptr<io::ObjectStore> store_;
  std::unique_ptr<Catalog> catalog_;
};

using Names = std::set<std::string>;

TEST_F(StoreTest, GivesBackWhatWasCommitted) {
  auto made = table();
  EXPECT_FALSE(made.current());
  EXPECT_TRUE(made.snapshots().empty());
  auto change = adding("a", 20'000);
  change.added.push_back(test_file("b", 20'001, 5));
  change.added.push_back(test_file("c", 0, 1));
  change.added.back().partition_days = {std::nullopt};
  change.summary = {{"cairn.objects", "3"}};
  const auto snapshot = made.commit(change).value();

  auto again = Table::open(*store_, *catalog_, clock_).value();
  ASSERT_TRUE(again.current());
  EXPECT_EQ(again.current()->id, snapshot.id);
  EXPECT_EQ(again.current()->operation, "append");
  EXPECT_EQ(again.current()->summary.at("cairn.objects"), "3");
  EXPECT_EQ(again.current()->summary.at("total-records"), "16");
  EXPECT_EQ(again.current()->summary.at("total-files-size"), "3016");
  const auto files = again.files(*again.current(), {}).value();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].key, change.added[0].key);
  EXPECT_EQ(files[0].partition_days, change.added[0].partition_days);
  EXPECT_EQ(files[0].rows, 10);
  EXPECT_EQ(files[0].size_bytes, 1010);
  EXPECT_EQ(files[0].column_sizes, change.added[0].column_sizes);
  EXPECT_EQ(files[0].value_counts, change.added[0].value_counts);
  EXPECT_EQ(files[0].null_counts, change.added[0].null_counts);
  EXPECT_EQ(files[0].lower_bounds, change.added[0].lower_bounds);
  EXPECT_EQ(files[0].upper_bounds, change.added[0].upper_bounds);
  EXPECT_EQ(files[0].split_offsets, change.added[0].split_offsets);
  EXPECT_EQ(files[0].sort_order_id, change.added[0].sort_order_id);
  EXPECT_EQ(files[2].partition_days[0], std::nullopt);
  EXPECT_EQ(again.fields().size(), 5U);
  EXPECT_EQ(again.fields()[3].children.size(), 2U);
}

TEST_F(StoreTest, PassesOverDays) {
  auto made = table();
  for (int32_t day = 1; day <= 9; ++day) add(made, std::to_string(day), day);
  EXPECT_EQ(names(made, *made.current(), {.min = 8}), (Names{"8", "9"}));
  EXPECT_EQ(names(made, *made.current(), {.max = 2}), (Names{"1", "2"}));
  EXPECT_EQ(names(made, *made.current(), {.min = 4, .max = 4}), Names{"4"});
  EXPECT_EQ(names(made, *made.current(), {.min = 10}), Names{});
}

TEST_F(StoreTest, AManifestOfOtherDaysIsNotRead) {
  auto made = table();
  add(made, "a", 5);
  const auto first = made.current()->manifest_list;
  add(made, "b", 6);
  auto state = TableState(*store_, *catalog_, clock_);
  ASSERT_TRUE(state.load().value());
  const auto old = state.manifests(first).value()->front().path;
  ASSERT_TRUE(store_->remove(*state.key_of(old)).ok());
  auto again = Table::open(*store_, *catalog_, clock_).value();
  EXPECT_EQ(names(again, *again.current(), {.min = 6}), Names{"b"});
  EXPECT_FALSE(again.files(*again.current(), {.min = 5}).ok());
}

TEST_F(StoreTest, TwoWritersBothCommit) {
  auto one = table();
  auto two = table();
  add(one, "a", 1);
  add(two, "b", 2);  // stands on what `one` replaced
  add(one, "c", 3);
  EXPECT_TRUE(two.refresh().value());
  EXPECT_FALSE(two.refresh().value());
  EXPECT_EQ(names(two, *two.current()), (Names{"a", "b", "c"}));
  EXPECT_EQ(two.snapshots().size(), 3U);
  EXPECT_EQ(two.orphans(INT64_MAX).value().size(), 0U);
}

TEST_F(StoreTest, ManyWritersAtOnce) {
  table();
  constexpr int kWriters = 4;
  constexpr int kCommits = 15;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer)
    writers.emplace_back([&, writer] {
      auto catalog = open_catalog({.url = "sqlite://" + (lake_ / "catalog.db").string()}).value();
      auto mine = Table::open(*store_, *catalog, clock_).value();
      for (int i = 0; i < kCommits; ++i) {
        Change change;
        change.added = {test_file(fmt::format("{}-{}", writer, i), i)};
        change.ledger = {{.source = "s3://b", .key = fmt::format("{}-{}", writer, i)}};
        const auto done = mine.commit(change);
        EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
      }
    });
  for (auto& writer : writers) writer.join();
  auto made = Table::open(*store_, *catalog_, clock_).value();
  EXPECT_EQ(names(made, *made.current()).size(), size_t{kWriters * kCommits});
  EXPECT_EQ(made.current()->sequence_number, kWriters * kCommits);
  size_t entries = 0;
  ASSERT_TRUE(catalog_->visit_ledger("s3://b", "", [&](const auto&) { ++entries; }).ok());
  EXPECT_EQ(entries, size_t{kWriters * kCommits});
  EXPECT_EQ(made.orphans(INT64_MAX).value().size(), 0U);
}

TEST_F(StoreTest, ReplacesFiles) {
  auto made = table();
  add(made, "a", 1);
  add(made, "b", 1);
  add(made, "c", 2);
  const auto before = *made.current();
  Change change = adding("ab", 1);
  change.operation = "replace";
  change.removed_keys = {test_file("a", 1).key, test_file("b", 1).key};
  const auto after = made.commit(change).value();
  EXPECT_EQ(names(made, after), (Names{"ab", "c"}));
  EXPECT_EQ(names(made, before), (Names{"a", "b", "c"}));
  EXPECT_EQ(after.summary.at("deleted-data-files"), "2");
  EXPECT_EQ(after.summary.at("total-data-files"), "2");
  EXPECT_EQ(after.summary.at("total-records"), "20");
  const auto again = made.commit(change);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(made.orphans(INT64_MAX).value().size(), 0U);
  add(made, "d", 3);  // manifests that hold deleted files only go
  EXPECT_EQ(names(made, *made.current()), (Names{"ab", "c", "d"}));
}

TEST_F(StoreTest, MergesSmallManifests) {
  auto made = table();
  for (int32_t i = 0; i < 60; ++i) add(made, std::to_string(i), i % 7);
  auto again = Table::open(*store_, *catalog_, clock_).value();
  EXPECT_EQ(names(again, *again.current()).size(), 60U);
  TableState state(*store_, *catalog_, clock_);
  ASSERT_TRUE(state.load().value());
  const auto manifests = state.manifests(again.current()->manifest_list).value();
  EXPECT_LT(manifests->size(), 12U);
  for (const auto& manifest : *manifests) {
    if (manifest.existing_files == 0) continue;
    EXPECT_EQ(manifest.min_sequence_number, 1);
    const auto entries = state.entries(manifest).value();
    for (const auto& entry : *entries)
      EXPECT_EQ(*entry.sequence_number, std::stoi(fs::path(entry.file.key).stem()) + 1);
  }
}

TEST_F(StoreTest, RollsBack) {
  auto made = table();
  const auto first = add(made, "a", 1);
  add(made, "b", 2);
  const auto back = made.rollback(first.id).value();
  EXPECT_NE(back.id, first.id);
  EXPECT_EQ(names(made, *made.current()), Names{"a"});
  EXPECT_EQ(back.summary.at("total-files-size"), "1010");
  add(made, "c", 3);
  EXPECT_EQ(names(made, *made.current()), (Names{"a", "c"}));
  EXPECT_EQ(made.rollback(77).error().kind(), ErrorKind::not_found);
}

TEST_F(StoreTest, AsksThePast) {
  auto made = table();
  const auto first = add(made, "a", 1);
  const auto second = add(made, "b", 2);
  EXPECT_EQ(made.snapshot_as_of(first.timestamp_ms).value().id, first.id);
  EXPECT_EQ(made.snapshot_as_of(second.timestamp_ms - 1).value().id, first.id);
  EXPECT_EQ(made.snapshot_as_of(INT64_MAX / 1000).value().id, second.id);
  EXPECT_EQ(made.snapshot_by_id(first.id).value().manifest_list, first.manifest_list);
  const auto early = made.snapshot_as_of(first.timestamp_ms - 1);
  ASSERT_FALSE(early.ok());
  EXPECT_NE(early.error().message().find(std::to_string(first.id)), std::string::npos);
}

TEST_F(StoreTest, KeepsTheLastSnapshotOfEachSpan) {
  auto made = table();
  const auto span_us = int64_t{3'600'000'000};
  clock_.now = clock_.now / span_us * span_us + 1'000'000;
  add(made, "a", 1);
  const auto last_of_hour = add(made, "b", 1);
  clock_.now += span_us;
  add(made, "c", 1);
  const auto newest = add(made, "d", 1);
  const auto done = made.expire_snapshots(INT64_MAX, false, span_us / 1000).value();
  EXPECT_EQ(done.snapshots.size(), 2U);
  ASSERT_EQ(made.snapshots().size(), 2U);
  EXPECT_EQ(made.snapshots()[0].id, last_of_hour.id);
  EXPECT_EQ(made.snapshots()[1].id, newest.id);
  EXPECT_EQ(names(made, last_of_hour), (Names{"a", "b"}));
}

TEST_F(StoreTest, ExpiresExactlyWhatIsDue) {
  auto made = table();
  add(made, "a", 1);
  add(made, "b", 1);
  Change change = adding("ab", 1);
  change.removed_keys = {test_file("a", 1).key, test_file("b", 1).key};
  clock_.now += 1'000'000;
  const auto merged = made.commit(change).value();
  const auto last = add(made, "c", 2);
  const auto objects_before = objects("");
  const auto planned = made.expire_snapshots(merged.timestamp_ms, true).value();
  EXPECT_EQ(planned.snapshots.size(), 2U);
  EXPECT_EQ(objects(""), objects_before);
  EXPECT_EQ(made.snapshots().size(), 4U);

  const auto done = made.expire_snapshots(merged.timestamp_ms, false).value();
  EXPECT_EQ(done.snapshots, planned.snapshots);
  EXPECT_EQ(done.removed_keys, planned.removed_keys);
  EXPECT_EQ(done.removed_bytes, planned.removed_bytes);
  // a, b, their two manifests, two lists
  EXPECT_EQ(done.removed_keys.size(), 6U);
  EXPECT_FALSE(store_->head(test_file("a", 1).key).ok());
  EXPECT_EQ(names(made, merged), Names{"ab"});
  EXPECT_EQ(names(made, last), (Names{"ab", "c"}));
  EXPECT_EQ(made.orphans(INT64_MAX).value().size(), 0U);
  EXPECT_TRUE(made.expire_snapshots(INT64_MAX, false).ok());  // the current one stays
  EXPECT_EQ(made.snapshots().size(), 1U);
  EXPECT_EQ(names(made, *made.current()), (Names{"ab", "c"}));
  EXPECT_TRUE(made.expire_snapshots(INT64_MAX, false).value().removed_keys.empty());
}

TEST_F(StoreTest, FindsOrphans) {
  auto made = table();
  add(made, "a", 1);
  EXPECT_EQ(made.orphans(INT64_MAX).value().size(), 0U);
  ASSERT_TRUE(store_->put("cairn/cloudtrail/data/lost.parquet", "x").ok());
  ASSERT_TRUE(store_->put("cairn/cloudtrail/metadata/lost.avro", "x").ok());
  ASSERT_TRUE(store_->put("rejected/other", "x").ok());
  const auto found = made.orphans(INT64_MAX).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key, "cairn/cloudtrail/data/lost.parquet");
  EXPECT_TRUE(made.orphans(found[0].modified_us - 1'000'000).value().empty());
}

TEST_F(StoreTest, SchemasGrow) {
  auto made = table();
  add(made, "a", 1);
  auto definition = test_definition();
  definition.fields.push_back(parquet::Field{.name = "new", .id = 20});
  definition.fields[3].children.push_back(
      parquet::Field{.name = "type", .id = 21, .type = parquet::Type::int32});
  auto grown = Table::open_or_create(*store_, *catalog_, clock_, definition).value();
  EXPECT_EQ(grown.fields().size(), 6U);
  EXPECT_EQ(grown.fields()[3].children.back().name, "type");
  EXPECT_EQ(names(grown, *grown.current()), Names{"a"});
  // An older program leaves them alone.
  auto old = table();
  EXPECT_EQ(old.fields().size(), 6U);
  EXPECT_EQ(old.metadata_location(), grown.metadata_location());
  definition.fields[1].type = parquet::Type::int64;
  const auto refused = Table::open_or_create(*store_, *catalog_, clock_, definition);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(refused.error().message(),
            "column 'eventName' (field 2) of the table has type \"string\", not \"long\"");
}

TEST_F(StoreTest, AMovedLakeWorks) {
  {
    auto made = table();
    add(made, "a", 1);
    add(made, "b", 2);
  }
  for (const auto* place : {"other/place", "third"}) {
    catalog_.reset();
    fs::create_directories((folder_.path() / place).parent_path());
    fs::rename(lake_, folder_.path() / place);
    open_lake(folder_.path() / place);
    auto moved = table();
    EXPECT_EQ(names(moved, *moved.current()).size(), moved.snapshots().size());
    add(moved, place == std::string("third") ? "d" : "c", 3);
    EXPECT_EQ(moved.orphans(INT64_MAX).value().size(), 0U);
  }
  auto made = table();
  EXPECT_EQ(names(made, *made.current()), (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(made.expire_snapshots(INT64_MAX, false).value().snapshots.size(), 3U);
  EXPECT_EQ(names(made, *made.current()), (Names{"a", "b", "c", "d"}));
}

TEST_F(StoreTest, OldMetadataGoes) {
  auto made = table();
  for (int i = 0; i < 110; ++i) add(made, std::to_string(i), 1);
  size_t count = 0;
  ASSERT_TRUE(store_
                  ->list("cairn/cloudtrail/metadata/", "",
                         [&](const auto& info) {
                           return count += info.key.ends_with(".metadata.json") ? 1 : 0, true;
                         })
                  .ok());
  EXPECT_EQ(count, 101U);
  EXPECT_TRUE(made.orphans(INT64_MAX).value().empty());
}

TEST_F(StoreTest, AFailedCommitLeavesNothing) {
  auto made = table();
  add(made, "a", 1);
  const auto before = objects("cairn/cloudtrail/metadata/");
  Change change = adding("b", 2);
  change.removed_keys = {"cairn/cloudtrail/data/never.parquet"};
  EXPECT_FALSE(made.commit(change).ok());
  change.removed_keys.clear();
  change.added[0].partition_days.clear();
  EXPECT_EQ(made.commit(change).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(objects("cairn/cloudtrail/metadata/"), before);
}

TEST_F(StoreTest, OpensOnlyWhatIsThere) {
  EXPECT_EQ(Table::open(*store_, *catalog_, clock_).error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace cairn::store
