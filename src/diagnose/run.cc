#include "diagnose/run.h"

#include "base/text.h"
#include "diagnose/event_query.h"
#include "diagnose/folder.h"
#include "diagnose/markdown.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace cairn::diagnose {
namespace {

struct Span {
  std::optional<int64_t> first_us;
  std::optional<int64_t> last_us;
  std::optional<int64_t> last_of_set_us;
};

Result<Span> find_span(query::Session& session, const Diagnosis& diagnosis,
                       const EventFilter& filter) {
  auto rows = CAIRN_TRY(session.sql(span_query(diagnosis, filter)));
  Span span;
  while (true) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return span;
    for (size_t row = 0; row < rows.rows(); ++row)
      for (const auto& [column, value] :
           {std::pair{0, &span.first_us}, {1, &span.last_us}, {2, &span.last_of_set_us}})
        if (const auto cell = rows.cell(static_cast<size_t>(column), row); !cell.is_null())
          *value = cell.timestamp_us();
  }
}

/// Without both ends given, the logs are asked first where they end (and for all of them, begin):
/// files are often older than a window that ends now.
Result<Window> decide_window(query::Session& session, const Diagnosis& diagnosis,
                             const RunOptions& options, std::optional<int64_t>& newest_of_set) {
  Window window;
  window.whole = options.whole;
  const bool start_known = options.start_us.has_value() || !options.whole;
  if (options.end_us && start_known) {
    window.end_us = *options.end_us;
  } else {
    const EventFilter filter{.region = options.region,
                             .start_us = options.start_us,
                             .end_us = options.end_us,
                             .classic = options.classic};
    const Span span = CAIRN_TRY(find_span(session, diagnosis, filter));
    newest_of_set = span.last_of_set_us;
    window.empty = !span.last_us;
    window.ends_at_newest = !options.end_us;
    window.end_us = options.end_us.value_or(span.last_us.value_or(0));
    window.start_us = span.first_us.value_or(window.end_us);
  }
  if (options.start_us)
    window.start_us = *options.start_us;
  else if (!options.whole)
    window.start_us = window.end_us - options.window_us;
  return window;
}

/// Events come ordered by time and id, so copies of one event stand together.
class Duplicates {
 public:
  bool seen(const Event& event) {
    if (event.event_id.empty()) return false;
    if (event.time_us != time_us_) {
      time_us_ = event.time_us;
      ids_.clear();
    }
    return !ids_.emplace(event.event_id).second;
  }

 private:
  int64_t time_us_ = INT64_MIN;
  std::unordered_set<std::string> ids_;
};

/// A focused diagnosis looks at one class; what else failed counts as any other call there.
ErrorClass seen_by(const Diagnosis& diagnosis, ErrorClass error_class) {
  if (diagnosis.focus == ErrorClass::none || error_class == diagnosis.focus) return error_class;
  return ErrorClass::none;
}

/// Counts one event, and writes its rows.
Status take(Event event, Duplicates& duplicates, Report& report, Folder* folder) {
  if (duplicates.seen(event)) {
    report.duplicates += event.weight;
    return {};
  }
  if (!event.event_id.empty() && event.weight > 1) {  // copies, put together by the query
    report.duplicates += event.weight - 1;
    event.weight = 1;
  }
  const ErrorClass error_class = seen_by(*report.diagnosis, classify(event.code, event.message));
  report.tally.add(event, error_class);
  if (report.classic) {
    const ClassicClass classes = classify_classic(event.code, event.message);
    report.classic->add(event, classes);
    return folder == nullptr ? Status() : folder->add_classic(event, classes);
  }
  return folder == nullptr ? Status() : folder->add(event, error_class);
}

Status read_events(query::Session& session, const EventFilter& filter, Report& report,
                   Folder* folder) {
  auto rows = CAIRN_TRY(session.sql(event_query(*report.diagnosis, filter)));
  Duplicates duplicates;
  while (true) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) break;
    for (size_t row = 0; row < rows.rows(); ++row)
      CAIRN_TRY(take(read_event(rows, row), duplicates, report, folder));
  }
  report.tally.finish();
  return {};
}

void note_what_is_missing(const source::Coverage& coverage, Report& report) {
  if (coverage.files_refused > 0)
    report.incomplete.push_back(
        fmt::format("{} file(s) were refused", with_thousands(coverage.files_refused)));
  if (coverage.records_refused > 0)
    report.incomplete.push_back(
        fmt::format("{} record(s) were refused", with_thousands(coverage.records_refused)));
  else if (coverage.files_partial > 0)
    report.incomplete.push_back(
        fmt::format("{} file(s) were read in part", with_thousands(coverage.files_partial)));
  for (auto& limit : report.tally.limits_hit()) report.incomplete.push_back(std::move(limit));
}

Status write_folder(Folder& folder, Report& report) {
  if (report.classic) {
    CAIRN_TRY(folder.write_classic_tables(*report.classic));
  } else {
    if (report.diagnosis->focus != ErrorClass::permission)
      CAIRN_TRY(folder.write_tables(report.tally));
    CAIRN_TRY(folder.write_file("report.md", markdown(report)));
  }
  return folder.complete();
}

}  // namespace

Result<Report> run(query::Session& session, const Diagnosis& diagnosis, const RunOptions& options,
                   int64_t now_us) {
  std::optional<int64_t> newest_of_set;
  const Window window = CAIRN_TRY(decide_window(session, diagnosis, options, newest_of_set));
  Report report{
      .diagnosis = &diagnosis,
      .window = window,
      .region = options.region,
      .folder = {},
      .tally = Tally(TimeSeries(window.start_us, window.end_us),
                     {.grouping = diagnosis.grouping, .with_service = diagnosis.source.empty()}),
      .duplicates = 0,
      .classic = {},
      .newest_of_set_us = newest_of_set,
      .findings = {},
      .storms = {},
      .backoffs = {},
      .policies = {},
      .incomplete = {}};
  if (options.classic) report.classic.emplace();
  std::optional<Folder> folder;
  if (options.write) {
    folder = CAIRN_TRY(Folder::create(options.output, diagnosis, options.classic, now_us));
    report.folder = folder->path();
  }
  const EventFilter filter{.region = options.region,
                           .start_us = window.start_us,
                           .end_us = window.end_us,
                           .classic = options.classic};
  CAIRN_TRY(read_events(session, filter, report, folder ? &*folder : nullptr));
  note_what_is_missing(session.coverage(), report);
  if (!report.classic) {
    report.findings = find(diagnosis, report.tally, report.folder);
    report.storms = storms_of(report.tally);
    report.backoffs = backoffs_of(report.tally, diagnosis.focus);
    if (diagnosis.focus == ErrorClass::permission)
      report.policies = suggest_policies(report.tally.groups());
  }
  if (folder) CAIRN_TRY(write_folder(*folder, report));
  return report;
}

}  // namespace cairn::diagnose
