#include "ingest/known_keys.h"

#include "base/time.h"
#include "engine/record_function.h"
#include "model/columns.h"
#include "store/cloudtrail_schema.h"
#include "store/lake_sql.h"
#include "store/readable_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cairn::ingest {
namespace {

constexpr size_t kBytesMax = 200'000'000;
constexpr size_t kReserveMax = 8'000'000;  // keys of a day, whatever a manifest says
constexpr uint64_t kEngineBytesMax = 200'000'000;

/// All stored columns, for records without an eventID.
std::string all_columns() {
  std::string out;
  for (const auto& column : model::columns())
    if (column.lake_id != 0) out += fmt::format(", \"{}\"", column.name);
  return out;
}

}  // namespace

Result<KnownKeys> KnownKeys::open(store::Lake& lake, const Identity& identity, int threads) {
  engine::DatabaseOptions options;
  options.threads = threads;
  options.memory_max_bytes = kEngineBytesMax;
  auto database = CAIRN_TRY(engine::Database::open(options));
  auto connection = CAIRN_TRY(database.connect());
  CAIRN_TRY(engine::register_lake_functions(connection));
  return KnownKeys(lake, identity, std::move(database), std::move(connection));
}

Status KnownKeys::load(store::Table& table, const std::vector<int32_t>& days) {
  std::map<int32_t, size_t> missing;  // with the events that the lake has of the day
  for (const int32_t day : days)
    if (!days_.contains(day)) missing[day] = 0;
  std::vector<store::DataFile> wanted;
  const auto snapshot = table.current();
  if (!missing.empty() && snapshot) {
    auto files = CAIRN_TRY(
        table.files(*snapshot, {.min = missing.begin()->first, .max = missing.rbegin()->first}));
    for (auto& file : files) {
      const auto day = file.partition_days.empty() ? std::nullopt : file.partition_days.front();
      const auto at = day ? missing.find(*day) : missing.end();
      if (day && at == missing.end()) continue;
      if (day) at->second = std::min(at->second + static_cast<size_t>(file.rows), kReserveMax);
      wanted.push_back(std::move(file));
    }
  }
  make_room(days, missing);
  for (const auto& [day, events] : missing) days_[day].reserve(events);
  if (wanted.empty()) return {};
  auto status = read(wanted);
  if (!status.ok())  // half known is not known
    for (const auto& [day, events] : missing) days_.erase(day);
  return status;
}

Status KnownKeys::read(const std::vector<store::DataFile>& files) {
  const auto readable = CAIRN_TRY(store::ReadableFiles::open(*lake_, files));
  const auto source = store::lake_source_sql(readable, {});
  auto rows = CAIRN_TRY(connection_.query(
      fmt::format("SELECT eventTime, coalesce(recipientAccountId, \"userIdentity.accountId\", ''), "
                  "coalesce(awsRegion, ''), eventID, "
                  "coalesce(json_extract_string(insightDetails, '$.state'), '') FROM ({}) "
                  "WHERE eventID IS NOT NULL AND eventID <> ''",
                  source)));
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) break;
    for (size_t row = 0; row < rows.rows(); ++row) {
      const int64_t time = rows.cell(0, row).timestamp_us();
      const auto day = days_.find(static_cast<int32_t>(store::day_of(time)));
      if (day == days_.end()) continue;
      day->second.insert(identity_->of({.account = rows.cell(1, row).text(),
                                        .region = rows.cell(2, row).text(),
                                        .event_id = rows.cell(3, row).text(),
                                        .insight_state = rows.cell(4, row).text()}));
    }
  }
  return read_nameless(source);
}

Status KnownKeys::read_nameless(const std::string& source) {
  auto rows = CAIRN_TRY(connection_.query(
      fmt::format("SELECT recordPatch{} FROM ({}) WHERE eventID IS NULL OR eventID = ''",
                  all_columns(), source)));
  std::vector<size_t> stored;
  for (size_t i = 0; i < model::columns().size(); ++i)
    if (model::columns()[i].lake_id != 0) stored.push_back(i);
  static const auto kEventTime = static_cast<size_t>(model::find_column("eventTime"));
  std::vector<model::ColumnValue> values(model::columns().size());
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) break;
    for (size_t row = 0; row < rows.rows(); ++row) {
      for (size_t i = 0; i < stored.size(); ++i)
        values[stored[i]] = store::column_value(model::columns()[stored[i]], rows.cell(i + 1, row));
      const auto day = days_.find(static_cast<int32_t>(store::day_of(values[kEventTime].number)));
      if (day == days_.end()) continue;
      const auto patch = rows.cell(0, row);
      day->second.insert(identity_->of(values, patch.is_null() ? "" : patch.text()));
    }
  }
  return {};
}

void KnownKeys::make_room(const std::vector<int32_t>& wanted,
                          const std::map<int32_t, size_t>& missing) {
  size_t bytes = 0;
  for (const auto& [day, events] : missing) bytes += KeySet::bytes_of(events);
  for (const auto& [day, keys] : days_) bytes += keys.bytes();
  for (auto at = days_.begin(); at != days_.end() && bytes > kBytesMax;) {
    if (std::find(wanted.begin(), wanted.end(), at->first) != wanted.end()) {
      ++at;
      continue;
    }
    bytes -= at->second.bytes();
    at = days_.erase(at);
  }
}

}  // namespace cairn::ingest
