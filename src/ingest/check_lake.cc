#include "ingest/check_lake.h"

#include "engine/database.h"
#include "engine/record_function.h"
#include "ingest/identity.h"
#include "ingest/key_set.h"
#include "ingest/lake_rows.h"
#include "io/random.h"
#include "model/columns.h"
#include "store/lake_sql.h"
#include "store/readable_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::ingest {
namespace {

struct Columns {
  size_t account = at("recipientAccountId");
  size_t user_account = at("userIdentity.accountId");
  size_t region = at("awsRegion");
  size_t event_id = at("eventID");
  size_t insight = at("insightDetails");

  static size_t at(std::string_view name) { return static_cast<size_t>(model::find_column(name)); }
};

class Checker {
 public:
  Checker(store::Lake& lake, engine::Database database, uint64_t seed,
          const std::atomic<bool>& cancelled)
      : lake_(lake), database_(std::move(database)), identity_(seed), cancelled_(cancelled) {}

  Status check(const store::DataFile& file, CheckReport& report) {
    const auto fault = [&](std::string what) {
      report.faults.push_back({file.key, std::move(what)});
      return Status{};
    };
    const auto facts = lake_.objects().head(file.key);
    if (!facts.ok() && !is_of_file(facts.error())) return facts.error();
    if (!facts.ok()) return fault("cannot be read back: " + facts.error().message());
    if (facts.value().size_bytes != static_cast<uint64_t>(file.size_bytes))
      return fault(
          fmt::format("has {} bytes instead of {}", facts.value().size_bytes, file.size_bytes));
    // What lies in the lake counts, not what this machine has kept of it.
    const auto readable =
        store::ReadableFiles::open(lake_, {file}, {.anew = true, .cancelled = &cancelled_});
    if (!readable.ok() && !is_of_file(readable.error())) return readable.error();
    if (!readable.ok()) return fault("cannot be read back: " + readable.error().message());
    auto connection = CAIRN_TRY(database_.connect());
    auto rows = LakeRows::open(std::move(connection), readable.value().paths().front());
    if (!rows.ok()) return fault("cannot be read back: " + rows.error().message());
    int64_t count = 0;
    int64_t outside = 0;
    for (;;) {
      const auto more = rows.value().next();
      if (!more.ok())
        return fault(
            fmt::format("cannot be read behind row {}: {}", count, more.error().message()));
      if (!more.value()) break;
      ++count;
      if (!belongs(rows.value().time_us(), file)) ++outside;
      if (!keys_.insert(key_of(rows.value()))) ++report.duplicates;
    }
    report.events += static_cast<uint64_t>(count);
    if (count != file.rows)
      return fault(fmt::format("holds {} events instead of {}", count, file.rows));
    if (outside > 0)
      return fault(fmt::format("holds {} events of other times than its metadata say", outside));
    return {};
  }

  /// Files come day by day; a day's ids are of no use for the next one.
  void next_day() { keys_ = {}; }

 private:
  /// A fault of this one file, not of the way to it.
  bool is_of_file(const Error& error) {
    return lake_.cached_objects() == nullptr ||
           (error.kind() != ErrorKind::unavailable && error.kind() != ErrorKind::exhausted);
  }

  static bool belongs(int64_t time_us, const store::DataFile& file) {
    if (time_us < store::first_event_us(file) || time_us > store::last_event_us(file)) return false;
    return file.partition_days.empty() || !file.partition_days[0] ||
           store::day_of(time_us) == *file.partition_days[0];
  }

  EventKey key_of(const LakeRows& row) {
    const auto& values = row.values();
    const auto text = [&](size_t column) { return values[column].text; };
    if (text(columns_.event_id).empty()) return identity_.of(values, row.patch());
    const auto account =
        text(columns_.account).empty() ? text(columns_.user_account) : text(columns_.account);
    std::string state;
    if (const auto insight = text(columns_.insight); !insight.empty())
      state = insight_state(insight);
    return identity_.of({.account = account,
                         .region = text(columns_.region),
                         .event_id = text(columns_.event_id),
                         .insight_state = state});
  }

  store::Lake& lake_;
  engine::Database database_;
  Identity identity_;
  const std::atomic<bool>& cancelled_;
  Columns columns_;
  KeySet keys_;
};

Status find_orphans(store::Lake& lake, store::Table& table, const CheckOptions& options,
                    CheckReport& report) {
  const auto orphans = CAIRN_TRY(table.orphans(options.orphans_older_than_us));
  for (const auto& orphan : orphans) {
    report.orphans.push_back(orphan.key);
    report.orphan_bytes += orphan.size_bytes;
    if (!options.remove_orphans) continue;
    CAIRN_TRY(lake.objects().remove(orphan.key));
    ++report.orphans_removed;
  }
  return {};
}

}  // namespace

Result<CheckReport> check_lake(store::Lake& lake, const CheckOptions& options,
                               const std::atomic<bool>& cancelled, CheckProgress& progress) {
  CheckReport report;
  auto table = CAIRN_TRY(lake.open_table());
  const auto current = table.current();
  if (current) {
    auto files = CAIRN_TRY(table.files(*current, {}));
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
      return a.partition_days != b.partition_days ? a.partition_days < b.partition_days
                                                  : a.key < b.key;
    });
    for (const auto& file : files) progress.bytes_total += static_cast<uint64_t>(file.size_bytes);
    engine::DatabaseOptions engine_options;
    engine_options.threads = 1;
    engine_options.memory_max_bytes = 300'000'000;
    auto database = CAIRN_TRY(engine::Database::open(engine_options));
    io::SystemRandom random;
    Checker checker(lake, std::move(database), random.next(), cancelled);
    const store::DataFile* before = nullptr;
    for (const auto& file : files) {
      if (cancelled) return Error{ErrorKind::unavailable, "interrupted"};
      if (before != nullptr && before->partition_days != file.partition_days) checker.next_day();
      before = &file;
      CAIRN_TRY(checker.check(file, report));
      ++report.files;
      report.bytes += static_cast<uint64_t>(file.size_bytes);
      progress.bytes_done += static_cast<uint64_t>(file.size_bytes);
    }
  }
  CAIRN_TRY(find_orphans(lake, table, options, report));
  return report;
}

}  // namespace cairn::ingest
