// Calls store/'s table and catalog from the command line, for tests/peers/iceberg_table.py and
// tests/peers/postgres_catalog.py: store_probe LAKE CATALOG_URL COMMAND [ARGUMENT…]
#include "io/clock.h"
#include "io/object_store.h"
#include "store/cloudtrail_schema.h"
#include "store/table.h"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using Arguments = std::vector<std::string>;

struct Lake {
  io::SystemClock clock{};
  std::unique_ptr<io::ObjectStore> objects;
  std::unique_ptr<store::Catalog> catalog;

  Result<store::Table> table() const {
    return store::Table::open_or_create(*objects, *catalog, clock, store::cloudtrail_table());
  }
};

std::string eight_bytes(int64_t number) {
  std::string out;
  for (unsigned byte = 0; byte < 8; ++byte)
    out += static_cast<char>(static_cast<uint64_t>(number) >> (8 * byte) & 0xFF);
  return out;
}

store::DataFile file_of(const std::string& key, int32_t day, int64_t rows, int64_t bytes) {
  store::DataFile file;
  file.key = key;
  file.partition_days = {day};
  file.rows = rows;
  file.size_bytes = bytes;
  const auto time = store::event_time_field_id();
  constexpr int64_t kDayUs = 86'400'000'000;
  file.value_counts = {{time, rows}};
  file.null_counts = {{time, 0}};
  file.lower_bounds = {{time, eight_bytes(day * kDayUs)}};
  file.upper_bounds = {{time, eight_bytes((day + 1) * kDayUs - 1)}};
  file.split_offsets = {4};
  file.sort_order_id = 1;
  return file;
}

/// append KEY DAY ROWS BYTES: a file that lies there.
Status append(Lake& lake, const Arguments& with) {
  auto table = CAIRN_TRY(lake.table());
  store::Change change;
  change.added = {file_of(with[0], std::stoi(with[1]), std::stoll(with[2]), std::stoll(with[3]))};
  const auto snapshot = CAIRN_TRY(table.commit(change));
  fmt::print("{}\n", snapshot.id);
  return {};
}

/// replace NEW_KEY DAY ROWS BYTES OLD_KEY…
Status replace(Lake& lake, const Arguments& with) {
  auto table = CAIRN_TRY(lake.table());
  store::Change change;
  change.operation = "replace";
  change.added = {file_of(with[0], std::stoi(with[1]), std::stoll(with[2]), std::stoll(with[3]))};
  change.removed_keys.assign(with.begin() + 4, with.end());
  const auto snapshot = CAIRN_TRY(table.commit(change));
  fmt::print("{}\n", snapshot.id);
  return {};
}

/// files [MIN_DAY MAX_DAY]
Status files(Lake& lake, const Arguments& with) {
  auto table = CAIRN_TRY(lake.table());
  const auto now = table.current();
  if (!now) return {};
  store::Table::DayRange days;
  if (with.size() == 2) days = {std::stoi(with[0]), std::stoi(with[1])};
  const auto found = CAIRN_TRY(table.files(*now, days));
  for (const auto& file : found) fmt::print("{} {} {}\n", file.key, file.rows, file.size_bytes);
  return {};
}

Status snapshots(Lake& lake, const Arguments&) {
  auto table = CAIRN_TRY(lake.table());
  for (const auto& snapshot : table.snapshots())
    fmt::print("{} {} {}\n", snapshot.id, snapshot.sequence_number, snapshot.operation);
  return {};
}

Status rollback(Lake& lake, const Arguments& with) {
  auto table = CAIRN_TRY(lake.table());
  const auto snapshot = CAIRN_TRY(table.rollback(std::stoll(with[0])));
  fmt::print("{}\n", snapshot.id);
  return {};
}

Status expire_all(Lake& lake, const Arguments&) {
  auto table = CAIRN_TRY(lake.table());
  const auto expired = CAIRN_TRY(table.expire_snapshots(INT64_MAX, false));
  for (const auto& key : expired.removed_keys) fmt::print("{}\n", key);
  return {};
}

Status orphans(Lake& lake, const Arguments&) {
  auto table = CAIRN_TRY(lake.table());
  const auto found = CAIRN_TRY(table.orphans(INT64_MAX));
  for (const auto& object : found) fmt::print("{}\n", object.key);
  return {};
}

/// hammer NAME COMMITS: each with a file and an object of the ledger.
Status hammer(Lake& lake, const Arguments& with) {
  auto table = CAIRN_TRY(lake.table());
  for (int i = 0; i < std::stoi(with[1]); ++i) {
    store::Change change;
    change.added = {
        file_of(fmt::format("cairn/cloudtrail/data/{}-{}.parquet", with[0], i), i, 1, 1)};
    change.ledger = {{.source = "s3://bucket", .key = fmt::format("{}-{}", with[0], i)}};
    const auto snapshot = CAIRN_TRY(table.commit(change));
    fmt::print("{}\n", snapshot.id);
    std::fflush(stdout);
  }
  return {};
}

/// ledger [PREFIX [SOURCE]]
Status ledger(Lake& lake, const Arguments& with) {
  return lake.catalog->visit_ledger(with.size() > 1 ? with[1] : "s3://bucket",
                                    with.empty() ? "" : with[0],
                                    [](const store::LedgerEntry& entry) {
                                      fmt::print("{} {} {}\n", entry.key, entry.etag, entry.events);
                                    });
}

/// record COUNT: so many objects of the ledger, with keys that are no UTF-8.
Status record(Lake& lake, const Arguments& with) {
  std::vector<store::LedgerEntry> entries;
  for (int i = 0; i < std::stoi(with[0]); ++i)
    entries.push_back({.source = "s3://bucket",
                       .key = fmt::format("many/{:09}\xFF", i),
                       .etag = "e",
                       .reason = "\xC3\x28 and \xE2\x82\xAC",
                       .events = static_cast<uint64_t>(i)});
  return lake.catalog->record(entries);
}

/// lock SECONDS: takes the writer's lock, says so, holds it until its input ends.
Status lock(Lake& lake, const Arguments& with) {
  const auto held = CAIRN_TRY(lake.catalog->lock_for_writing(std::stoi(with[0])));
  fmt::print("locked\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return {};
}

Status run(const Arguments& all) {
  static const std::map<std::string, std::function<Status(Lake&, const Arguments&)>> kCommands{
      {"append", append},       {"replace", replace},   {"files", files},
      {"snapshots", snapshots}, {"rollback", rollback}, {"expire_all", expire_all},
      {"orphans", orphans},     {"hammer", hammer},     {"ledger", ledger},
      {"record", record},       {"lock", lock}};
  const auto command = all.size() < 3 ? kCommands.end() : kCommands.find(all[2]);
  if (command == kCommands.end())
    return Error{ErrorKind::invalid_argument, "usage: store_probe LAKE CATALOG_URL COMMAND …"};
  Lake lake;
  lake.objects = CAIRN_TRY(io::open_folder_store(all[0], true));
  lake.catalog = CAIRN_TRY(store::open_catalog({.url = all[1], .create = true}));
  return command->second(lake, Arguments(all.begin() + 3, all.end()));
}

}  // namespace

int main(int count, char** values) {
  const auto status = run(Arguments(values + 1, values + count));
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.error().message());
  return 1;
}
