#include "ingest/compact.h"

#include "base/time.h"
#include "ingest/rewrite.h"
#include "io/random.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

namespace cairn::ingest {
namespace {

constexpr size_t kFilesMax = 200;  ///< of one merge

/// Files of one day that become one.
struct Merge {
  int32_t day = 0;
  std::vector<store::DataFile> files;
  uint64_t bytes = 0;
};

std::vector<Merge> plan(std::vector<store::DataFile> files, const CompactOptions& options) {
  const auto small = options.small_bytes > 0 ? options.small_bytes : options.file_bytes / 4 * 3;
  std::map<int32_t, std::vector<store::DataFile>> days;
  for (auto& file : files)
    if (!file.partition_days.empty() && file.partition_days.front() &&
        static_cast<uint64_t>(file.size_bytes) < small)
      days[*file.partition_days.front()].push_back(std::move(file));
  std::vector<Merge> merges;
  for (auto& [day, of_day] : days) {
    std::sort(of_day.begin(), of_day.end(), [](const auto& a, const auto& b) {
      return store::first_event_us(a) < store::first_event_us(b);
    });
    Merge merge{.day = day, .files = {}, .bytes = 0};
    const auto close = [&, of = day] {  // clang 14 captures no structured bindings
      if (merge.files.size() > 1) merges.push_back(std::move(merge));
      merge = Merge{.day = of, .files = {}, .bytes = 0};
    };
    for (auto& file : of_day) {
      const auto bytes = static_cast<uint64_t>(file.size_bytes);
      if (merge.bytes + bytes > options.file_bytes || merge.files.size() >= kFilesMax) close();
      merge.bytes += bytes;
      merge.files.push_back(std::move(file));
    }
    close();
  }
  return merges;
}

Status commit(store::Lake& lake, store::Table& table, const Merge& merge, EncodedFile encoded,
              io::Random& random, CompactReport& report) {
  int64_t rows = 0;
  for (const auto& file : merge.files) rows += file.rows;
  if (rows != encoded.file.rows)
    return Error{ErrorKind::corrupt,
                 fmt::format("the files of day {} hold {} events, and their metadata say {}\nhint: "
                             "`cairn lake check` names the file",
                             store::day_text(merge.day), encoded.file.rows, rows)};
  encoded.file.key = store::new_data_key(merge.day, random);
  CAIRN_TRY(lake.objects().put(encoded.file.key, encoded.bytes));
  const std::string key = encoded.file.key;
  store::Change change;
  change.operation = "replace";
  for (const auto& file : merge.files) change.removed_keys.push_back(file.key);
  const auto bytes = static_cast<uint64_t>(encoded.file.size_bytes);
  change.added.push_back(std::move(encoded.file));
  const auto snapshot = table.commit(change);
  if (!snapshot.ok()) {
    if (snapshot.error().kind() != ErrorKind::not_found) return snapshot.error();
    ++report.days_left;
    return lake.objects().remove(key);
  }
  report.files_before += merge.files.size();
  report.files_after += 1;
  report.bytes_before += merge.bytes;
  report.bytes_after += bytes;
  report.rows += static_cast<uint64_t>(rows);
  return {};
}

}  // namespace

Result<CompactReport> compact(store::Lake& lake, const CompactOptions& options,
                              const std::atomic<bool>& cancelled, CompactProgress& progress) {
  CompactReport report;
  auto table = CAIRN_TRY(lake.open_table());
  const auto current = table.current();
  if (!current) return report;
  auto files = CAIRN_TRY(table.files(*current, {}));
  const auto merges = plan(std::move(files), options);
  for (const auto& merge : merges) progress.bytes_total += merge.bytes;
  auto database = CAIRN_TRY(open_rewrite_database());
  io::SystemRandom random;
  std::optional<int32_t> last_day;
  for (const auto& merge : merges) {
    if (cancelled) break;
    if (last_day != merge.day) ++report.days;
    last_day = merge.day;
    if (options.dry_run) {
      report.files_before += merge.files.size();
      report.files_after += 1;
      report.bytes_before += merge.bytes;
      continue;
    }
    auto encoded = CAIRN_TRY(rewrite(lake, database, merge.files, merge.day, std::nullopt));
    if (encoded) CAIRN_TRY(commit(lake, table, merge, std::move(*encoded), random, report));
    progress.bytes_done += merge.bytes;
  }
  return report;
}

}  // namespace cairn::ingest
