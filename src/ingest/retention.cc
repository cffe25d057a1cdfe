#include "ingest/retention.h"

#include "base/time.h"
#include "ingest/rewrite.h"
#include "io/random.h"
#include "store/lake_sql.h"

#include <algorithm>

namespace cairn::ingest {

Result<RetentionReport> remove_older(store::Lake& lake, int64_t older_than_us, bool dry_run,
                                     const std::atomic<bool>& cancelled) {
  RetentionReport report;
  const auto lock = CAIRN_TRY(lake.catalog().lock_for_writing(600));
  auto table = CAIRN_TRY(lake.open_table());
  const auto current = table.current();
  if (!current) return report;
  const auto cut_day = static_cast<int32_t>(store::day_of(older_than_us));
  const auto files = CAIRN_TRY(table.files(*current, {.min = std::nullopt, .max = cut_day}));
  auto database = CAIRN_TRY(open_rewrite_database());
  io::SystemRandom random;
  store::Change change;
  change.operation = "delete";
  for (const auto& file : files) {
    if (store::first_event_us(file) >= older_than_us) continue;
    if (cancelled) return Error{ErrorKind::unavailable, "interrupted; nothing was removed"};
    const bool whole = store::last_event_us(file) < older_than_us;
    const int32_t day =
        file.partition_days.empty() ? cut_day : file.partition_days[0].value_or(cut_day);
    if (report.days.empty() || report.days.back() != day) report.days.push_back(day);
    ++(whole ? report.files_removed : report.files_rewritten);
    if (whole) report.events += static_cast<uint64_t>(file.rows);
    if (whole) report.bytes_removed += static_cast<uint64_t>(file.size_bytes);
    change.removed_keys.push_back(file.key);
    if (whole || dry_run) continue;
    auto kept = CAIRN_TRY(rewrite(lake, database, {file}, day, older_than_us));
    const int64_t rows = kept ? kept->file.rows : 0;
    const int64_t bytes = kept ? kept->file.size_bytes : 0;
    report.events += static_cast<uint64_t>(file.rows - rows);
    report.bytes_removed += static_cast<uint64_t>(std::max<int64_t>(0, file.size_bytes - bytes));
    if (!kept) continue;
    kept->file.key = store::new_data_key(day, random);
    CAIRN_TRY(lake.objects().put(kept->file.key, kept->bytes));
    change.added.push_back(std::move(kept->file));
  }
  std::sort(report.days.begin(), report.days.end());
  report.days.erase(std::unique(report.days.begin(), report.days.end()), report.days.end());
  if (dry_run || change.removed_keys.empty()) return report;
  change.summary = {{"cairn.retention-before", format_iso8601(older_than_us)}};
  CAIRN_TRY(table.commit(change));
  return report;
}

}  // namespace cairn::ingest
