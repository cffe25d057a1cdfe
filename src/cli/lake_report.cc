#include "cli/lake_report.h"

#include "base/text.h"
#include "base/time.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::cli {
namespace {

constexpr size_t kFaultsShownMax = 20;

std::string plural(uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", with_thousands(count), what, count == 1 ? "" : "s");
}

std::string iso_time_or_null(const std::optional<int64_t>& time_us) {
  return time_us ? json_string(format_iso8601(*time_us)) : "null";
}

Status count_objects(store::Lake& lake, LakeStatus& status) {
  return lake.catalog().visit_ledger("", "", [&](const store::LedgerEntry& entry) {
    if (entry.state == store::ObjectState::taken) ++status.objects_taken;
    if (entry.state == store::ObjectState::left_out) ++status.objects_left_out;
    if (entry.state == store::ObjectState::rejected || entry.state == store::ObjectState::partial)
      ++status.objects_rejected;
  });
}

template <class List, class Text>
std::string json_list(const List& list, Text&& text) {
  std::string out = "[";
  for (const auto& element : list) out += (out.size() > 1 ? ", " : "") + text(element);
  return out + "]";
}

}  // namespace

Result<LakeStatus> lake_status(store::Lake& lake) {
  LakeStatus status;
  auto table = CAIRN_TRY(lake.open_table());
  status.location = lake.options().location;
  status.metadata_location = table.metadata_location();
  status.snapshot = table.current();
  status.snapshots = table.snapshots().size();
  if (status.snapshot) {
    const auto files = CAIRN_TRY(table.files(*status.snapshot, {}));
    const ingest::CompactOptions compaction;
    std::set<int32_t> days;
    for (const auto& file : files) {
      const auto bytes = static_cast<uint64_t>(file.size_bytes);
      ++status.files;
      if (bytes < compaction.file_bytes / 4 * 3) ++status.small_files;
      status.bytes += bytes;
      status.events += static_cast<uint64_t>(file.rows);
      if (!file.partition_days.empty() && file.partition_days[0])
        days.insert(*file.partition_days[0]);
      const int64_t first = store::first_event_us(file);
      const int64_t last = store::last_event_us(file);
      status.first_us = std::min(status.first_us.value_or(first), first);
      status.last_us = std::max(status.last_us.value_or(last), last);
    }
    status.days = days.size();
  }
  CAIRN_TRY(count_objects(lake, status));
  return status;
}

std::string status_text(const LakeStatus& status) {
  std::string out = fmt::format("lake       {}\n", printable(status.location));
  out += fmt::format("events     {}", with_thousands(status.events));
  if (status.first_us && status.last_us)
    out += fmt::format(", {} to {}, on {}", format_iso8601(*status.first_us),
                       format_iso8601(*status.last_us), plural(status.days, "day"));
  out +=
      fmt::format("\nfiles      {}, {}", with_thousands(status.files), human_bytes(status.bytes));
  if (status.events > 0) out += fmt::format(", {} bytes an event", status.bytes / status.events);
  out +=
      fmt::format("\nsources    {} taken, {} without events, {} rejected\n",
                  plural(status.objects_taken, "object"), with_thousands(status.objects_left_out),
                  with_thousands(status.objects_rejected));
  if (status.snapshot)
    out += fmt::format("snapshots  {}, the last one {} of {}\n", with_thousands(status.snapshots),
                       status.snapshot->id, format_iso8601(status.snapshot->timestamp_ms * 1000));
  out += fmt::format("metadata   {}\n", printable(status.metadata_location));
  if (status.small_files > status.days * 4)
    out += "hint: `cairn lake compact` merges small files\n";
  if (status.objects_rejected > 0)
    out += "hint: `cairn ingest --retry-rejected` reads again what was rejected\n";
  return out;
}

std::string status_json(const LakeStatus& status) {
  return fmt::format(
      "{{\"location\": {}, \"metadataLocation\": {}, \"snapshotId\": {}, \"snapshots\": {}, "
      "\"events\": {}, \"files\": {}, \"smallFiles\": {}, \"bytes\": {}, \"days\": {}, "
      "\"firstEventTime\": {}, \"lastEventTime\": {}, \"objects\": {{\"taken\": {}, \"leftOut\": "
      "{}, "
      "\"rejected\": {}}}}}\n",
      json_string(status.location), json_string(status.metadata_location),
      status.snapshot ? std::to_string(status.snapshot->id) : "null", status.snapshots,
      status.events, status.files, status.small_files, status.bytes, status.days,
      iso_time_or_null(status.first_us), iso_time_or_null(status.last_us), status.objects_taken,
      status.objects_left_out, status.objects_rejected);
}

std::string snapshots_text(const store::Table& table) {
  std::string out = fmt::format("{:<20}  {:<20}  {:<9}  {}\n", "snapshot", "time", "operation",
                                "events after it");
  for (const auto& snapshot : table.snapshots()) {
    const auto total = snapshot.summary.find("total-records");
    out += fmt::format("{:<20}  {:<20}  {:<9}  {}\n", snapshot.id,
                       format_iso8601(snapshot.timestamp_ms / 1000 * 1'000'000),
                       printable(snapshot.operation),
                       total == snapshot.summary.end() ? "" : printable(total->second));
  }
  return out;
}

std::string snapshots_json(const store::Table& table) {
  return json_list(table.snapshots(),
                   [](const store::Snapshot& snapshot) {
                     std::string summary = "{";
                     for (const auto& [key, value] : snapshot.summary)
                       summary += fmt::format("{}{}: {}", summary.size() > 1 ? ", " : "",
                                              json_string(key), json_string(value));
                     return fmt::format(
                         "{{\"id\": {}, \"parentId\": {}, \"time\": {}, \"operation\": {}, "
                         "\"summary\": {}}}}}",
                         snapshot.id,
                         snapshot.parent_id ? std::to_string(*snapshot.parent_id) : "null",
                         json_string(format_iso8601(snapshot.timestamp_ms * 1000)),
                         json_string(snapshot.operation), summary);
                   }) +
         "\n";
}

std::string compact_text(const ingest::CompactReport& report, bool dry_run) {
  if (report.files_before == 0) return "nothing to merge\n";
  if (dry_run)
    return fmt::format("would merge {} of {} ({}) to {}\n", plural(report.files_before, "file"),
                       plural(report.days, "day"), human_bytes(report.bytes_before),
                       plural(report.files_after, "file"));
  std::string out =
      fmt::format("merged {} of {} ({}) to {} ({}), {}\n", plural(report.files_before, "file"),
                  plural(report.days, "day"), human_bytes(report.bytes_before),
                  plural(report.files_after, "file"), human_bytes(report.bytes_after),
                  plural(report.rows, "event"));
  if (report.days_left > 0)
    out += fmt::format("{} left alone, as another writer was at them; run it again\n",
                       plural(report.days_left, "merge"));
  return out + "hint: the old files go with `cairn lake expire`\n";
}

std::string compact_json(const ingest::CompactReport& report) {
  return fmt::format(
      "{{\"days\": {}, \"filesBefore\": {}, \"filesAfter\": {}, \"bytesBefore\": {}, "
      "\"bytesAfter\": {}, \"events\": {}, \"left\": {}}}\n",
      report.days, report.files_before, report.files_after, report.bytes_before, report.bytes_after,
      report.rows, report.days_left);
}

std::string expire_text(const ExpireReport& report, bool dry_run) {
  std::string out;
  const std::string_view removed = dry_run ? "would be removed" : "removed";
  if (report.events_before_us) {
    const auto& events = report.events;
    out += fmt::format("events     {}{} before {} {}", dry_run ? "at least " : "",
                       plural(events.events, "event"), format_iso8601(*report.events_before_us),
                       removed);
    if (!events.days.empty())
      out += fmt::format(", of {} ({} to {}): {} whole, {} rewritten",
                         plural(events.days.size(), "day"), store::day_text(events.days.front()),
                         store::day_text(events.days.back()), plural(events.files_removed, "file"),
                         with_thousands(events.files_rewritten));
    out += '\n';
  }
  out += fmt::format("snapshots  {} {}\n", plural(report.snapshots.snapshots.size(), "snapshot"),
                     removed);
  return out + fmt::format("files      {} ({}) {}\n",
                           plural(report.snapshots.removed_keys.size(), "file"),
                           human_bytes(report.snapshots.removed_bytes), removed);
}

std::string expire_json(const ExpireReport& report) {
  return fmt::format(
      "{{\"eventsBefore\": {}, \"events\": {}, \"days\": {}, \"filesRemoved\": {}, "
      "\"filesRewritten\": {}, \"snapshots\": {}, \"deleted\": {}, \"deletedBytes\": {}}}\n",
      iso_time_or_null(report.events_before_us), report.events.events,
      json_list(report.events.days, [](int32_t day) { return json_string(store::day_text(day)); }),
      report.events.files_removed, report.events.files_rewritten,
      json_list(report.snapshots.snapshots, [](int64_t id) { return std::to_string(id); }),
      json_list(report.snapshots.removed_keys,
                [](const std::string& key) { return json_string(key); }),
      report.snapshots.removed_bytes);
}

std::string check_text(const ingest::CheckReport& report) {
  std::string out;
  for (size_t i = 0; i < std::min(kFaultsShownMax, report.faults.size()); ++i)
    out += fmt::format("FAULT  {}: {}\n", printable(report.faults[i].key),
                       printable(report.faults[i].what));
  if (report.faults.size() > kFaultsShownMax) out += "…\n";
  out += fmt::format("{}, {}, {}: ", plural(report.files, "file"), human_bytes(report.bytes),
                     plural(report.events, "event"));
  out += report.faults.empty() ? "all as the metadata say\n"
                               : plural(report.faults.size(), "file") + " not as it should be\n";
  if (report.duplicates > 0)
    out += fmt::format("{} more than once\n", plural(report.duplicates, "event"));
  if (!report.orphans.empty())
    out += fmt::format(
        "{} that nothing names ({}){}\n", plural(report.orphans.size(), "file"),
        human_bytes(report.orphan_bytes),
        report.orphans_removed > 0 ? ", removed" : "\nhint: --remove-orphans removes them");
  return out;
}

std::string check_json(const ingest::CheckReport& report) {
  return fmt::format(
      "{{\"files\": {}, \"bytes\": {}, \"events\": {}, \"duplicates\": {}, \"faults\": {}, "
      "\"orphans\": {}, \"orphanBytes\": {}, \"orphansRemoved\": {}}}\n",
      report.files, report.bytes, report.events, report.duplicates,
      json_list(report.faults,
                [](const ingest::LakeFault& fault) {
                  return fmt::format("{{\"key\": {}, \"what\": {}}}", json_string(fault.key),
                                     json_string(fault.what));
                }),
      json_list(report.orphans, [](const std::string& key) { return json_string(key); }),
      report.orphan_bytes, report.orphans_removed);
}

}  // namespace cairn::cli
