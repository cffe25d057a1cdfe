#include "cli/ingest_report.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::cli {
namespace {

constexpr size_t kObjectsShownMax = 10;

uint64_t rate(uint64_t amount, double seconds) {
  return static_cast<uint64_t>(static_cast<double>(amount) / std::max(seconds, 1e-6));
}

std::string time_left(const ingest::IngestProgress& progress, double seconds) {
  const auto done = static_cast<double>(progress.bytes_done);
  const auto total = static_cast<double>(progress.bytes_total);
  if (done <= 0 || total <= done || seconds < 2) return {};
  const auto left = static_cast<uint64_t>(seconds * (total - done) / done);
  return fmt::format("  {}:{:02} left", left / 60, left % 60);
}

std::string where(const source::Problem& problem) {
  std::string out = printable(problem.file);
  if (problem.record > 0) out += fmt::format(", record {}", problem.record);
  if (problem.offset > 0) out += fmt::format(", byte {}", problem.offset);
  return out;
}

void add_count(std::string& out, uint64_t count, std::string_view what) {
  if (count > 0)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", with_thousands(count), what);
}

}  // namespace

std::string progress_text(const ingest::IngestProgress& progress, double seconds) {
  if (progress.listing)
    return fmt::format("looking for new objects: {}", with_thousands(progress.objects_total));
  return fmt::format("{}/{} objects  {}/{}  {} events  {}/s{}",
                     with_thousands(progress.objects_done), with_thousands(progress.objects_total),
                     human_bytes(progress.bytes_done), human_bytes(progress.bytes_total),
                     with_thousands(progress.events),
                     human_bytes(rate(progress.bytes_done, seconds)), time_left(progress, seconds));
}

bool has_failures(const ingest::IngestReport& report) {
  return report.objects_failed + report.objects_rejected + report.objects_partial +
             report.objects_changed + report.records_rejected >
         0;
}

std::string report_text(const ingest::IngestReport& report, std::string_view lake, double seconds) {
  std::string out;
  size_t shown = 0;
  for (const auto& problem : report.problems) {
    if (problem.warning) continue;
    if (++shown > kObjectsShownMax) break;
    out += fmt::format("cairn: {}: {}\n", where(problem), printable(problem.reason));
  }
  if (shown > kObjectsShownMax) out += "cairn: … and more; --json lists all\n";
  for (size_t i = 0; i < std::min(kObjectsShownMax, report.changed.size()); ++i)
    out += fmt::format("cairn: {}: changed since it was taken; left alone\n",
                       printable(report.changed[i]));
  std::string objects;
  add_count(objects, report.objects_taken, "new");
  add_count(objects, report.objects_known, "known");
  add_count(objects, report.objects_left_out, "without events");
  add_count(objects, report.objects_changed, "changed");
  add_count(objects, report.objects_partial, "taken in part");
  add_count(objects, report.objects_rejected, "rejected");
  add_count(objects, report.objects_failed, "failed");
  std::string events;
  add_count(events, report.events_new, "new");
  add_count(events, report.events_duplicate, "duplicate");
  add_count(events, report.records_rejected, "rejected");
  out += fmt::format("objects  {}\n", objects.empty() ? "none" : objects);
  out += fmt::format("events   {}\n", events.empty() ? "none new" : events);
  if (report.files_written > 0)
    out += fmt::format("written  {} in {} file{} ({} read, {} of JSON)\n",
                       human_bytes(report.file_bytes), with_thousands(report.files_written),
                       report.files_written == 1 ? "" : "s", human_bytes(report.bytes_read),
                       human_bytes(report.json_bytes));
  out += fmt::format("lake     {}, {:.1f} s ({} of JSON a second)\n", printable(lake), seconds,
                     human_bytes(rate(report.json_bytes, seconds)));
  if (report.objects_rejected + report.objects_partial > 0)
    out +=
        "hint: copies of what was rejected are in the lake's rejected/; after a repair, `cairn "
        "ingest --retry-rejected` takes it\n";
  if (report.objects_changed > 0)
    out +=
        "hint: log files never change once delivered; look why, then --take-changed adds their "
        "new events\n";
  if (report.interrupted) out += "interrupted; the same command goes on from here\n";
  return out;
}

std::string report_json(const ingest::IngestReport& report, std::string_view lake, double seconds) {
  std::string out = "{\"lake\": ";
  append_json_string(out, lake);
  out += fmt::format(
      ", \"seconds\": {:.3f}, \"objects\": {{\"listed\": {}, \"new\": {}, \"known\": {}, "
      "\"leftOut\": {}, \"changed\": {}, \"partial\": {}, \"rejected\": {}, \"failed\": {}}}",
      seconds, report.objects_listed, report.objects_taken, report.objects_known,
      report.objects_left_out, report.objects_changed, report.objects_partial,
      report.objects_rejected, report.objects_failed);
  out += fmt::format(", \"events\": {{\"new\": {}, \"duplicate\": {}, \"rejected\": {}}}",
                     report.events_new, report.events_duplicate, report.records_rejected);
  out += fmt::format(
      ", \"bytesRead\": {}, \"jsonBytes\": {}, \"filesWritten\": {}, \"fileBytes\": {}, "
      "\"commits\": {}, \"snapshotId\": {}, \"interrupted\": {}, \"problems\": [",
      report.bytes_read, report.json_bytes, report.files_written, report.file_bytes, report.commits,
      report.snapshot_id, report.interrupted);
  bool first = true;
  for (const auto& problem : report.problems) {
    out += first ? "" : ", ";
    first = false;
    out += "{\"object\": ";
    append_json_string(out, problem.file);
    out += fmt::format(", \"record\": {}, \"offset\": {}, \"warning\": {}, \"reason\": ",
                       problem.record, problem.offset, problem.warning);
    append_json_string(out, problem.reason);
    out += '}';
  }
  out += "], \"changed\": [";
  for (size_t i = 0; i < report.changed.size(); ++i) {
    if (i > 0) out += ", ";
    append_json_string(out, report.changed[i]);
  }
  return out + "]}";
}

}  // namespace cairn::cli
