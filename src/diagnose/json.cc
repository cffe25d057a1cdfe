#include "diagnose/json.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <concepts>
#include <string_view>

namespace cairn::diagnose {
namespace {

constexpr size_t kJsonRowsMax = 1'000;

/// Writes members and elements one after the other and sets the commas.
class Writer {
 public:
  Writer& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ": ";
    fresh_ = true;
    return *this;
  }

  void open(char bracket) {
    comma();
    out_ += bracket;
    fresh_ = true;
  }

  void close(char bracket) {
    out_ += bracket;
    fresh_ = false;
  }

  void text(std::string_view value) {
    comma();
    append_json_string(out_, value);
  }

  void number(uint64_t value) {
    comma();
    out_ += std::to_string(value);
  }

  void real(double value) {
    comma();
    out_ += fmt::format("{:.3f}", value);
  }

  void boolean(bool value) {
    comma();
    out_ += value ? "true" : "false";
  }

  void null() {
    comma();
    out_ += "null";
  }

  void time(int64_t micros) { text(format_iso8601(micros)); }

  void member(std::string_view name, std::string_view value) { key(name).text(value); }

  void member(std::string_view name, std::unsigned_integral auto value) { key(name).number(value); }

  void texts(std::string_view name, const std::vector<std::string>& values) {
    key(name).open('[');
    for (const auto& value : values) text(value);
    close(']');
  }

  std::string take() && { return std::move(out_); }

 private:
  void comma() {
    if (!fresh_) out_ += ", ";
    fresh_ = false;
  }

  std::string out_;
  bool fresh_ = true;
};

void write_counts(Writer& out, std::string_view key, const CountTable& table) {
  out.key(key).open('[');
  for (const auto& [name, events] : table.top(kJsonRowsMax)) {
    out.open('{');
    out.member("name", name);
    out.member("events", events);
    out.close('}');
  }
  out.close(']');
}

void write_window(Writer& out, const Report& report) {
  out.key("window").open('{');
  if (report.window.empty) {
    out.key("start").null();
    out.key("end").null();
  } else {
    out.key("start").time(report.window.start_us);
    out.key("end").time(report.window.end_us);
  }
  out.key("endsAtNewestEvent").boolean(report.window.ends_at_newest);
  out.close('}');
  out.key("region");
  report.region.empty() ? out.null() : out.text(report.region);
}

void write_totals(Writer& out, const Report& report) {
  const auto& tally = report.tally;
  out.key("totals").open('{');
  out.member("events", tally.events());
  out.member("failures", tally.failures());
  out.member("dryRuns", tally.of(ErrorClass::dry_run));
  out.member("duplicates", report.duplicates);
  out.key("byClass").open('{');
  for (const auto error_class : kErrorClasses)
    if (is_failure(error_class)) out.member(key_of(error_class), tally.of(error_class));
  out.close('}');
  out.close('}');
  out.texts("incomplete", report.incomplete);
}

void write_tables(Writer& out, const Tally& tally) {
  write_counts(out, "calls", tally.calls());
  write_counts(out, "callers", tally.callers());
  write_counts(out, "throttlesByCall", tally.throttles_by_call());
  write_counts(out, "failuresByCall", tally.failures_by_call());
  write_counts(out, "failuresByCaller", tally.failures_by_caller());
  write_counts(out, "failuresByCode", tally.failures_by_code());
  write_counts(out, "failuresByUserAgent", tally.failures_by_agent());
  write_counts(out, "failuresByAccessKey", tally.failures_by_key());
  out.key("latestFailures").open('[');
  for (const auto& sample : tally.latest()) {
    out.open('{');
    out.key("time").time(sample.time_us);
    out.member("call", sample.call);
    out.member("user", sample.user);
    out.member("errorCode", sample.code);
    out.member("errorMessage", sample.message);
    out.member("eventID", sample.event_id);
    out.close('}');
  }
  out.close(']');
}

void write_series(Writer& out, const TimeSeries& series) {
  out.key("overTime").open('{');
  out.key("bucketSeconds").number(static_cast<uint64_t>(series.width_us() / kMicrosPerSecond));
  out.key("buckets").open('[');
  int64_t at = series.start_us();
  for (const auto& bucket : series.buckets()) {
    out.open('{');
    out.key("start").time(at);
    out.member("calls", bucket.calls);
    out.member("dryRuns", bucket.dry_runs);
    out.member("failures", bucket.failures);
    out.member("throttles", bucket.throttles);
    out.close('}');
    at += series.width_us();
  }
  out.close(']');
  out.close('}');
}

void write_evidence(Writer& out, const Evidence& evidence) {
  out.open('{');
  out.member("events", evidence.events);
  for (const auto& [key, value] : {std::pair{"call", &evidence.call},
                                   {"caller", &evidence.caller},
                                   {"client", &evidence.client},
                                   {"region", &evidence.region},
                                   {"errorCode", &evidence.code},
                                   {"errorMessage", &evidence.message},
                                   {"note", &evidence.note}})
    if (!value->empty()) out.member(key, *value);
  if (evidence.first_us != 0 || evidence.last_us != 0) {
    out.key("first").time(evidence.first_us);
    out.key("last").time(evidence.last_us);
  }
  out.texts("resources", evidence.resources);
  out.texts("eventIDs", evidence.event_ids);
  out.close('}');
}

void write_findings(Writer& out, const Report& report) {
  out.key("findings").open('[');
  for (const auto& finding : report.findings) {
    out.open('{');
    out.member("id", finding.id);
    out.member("severity", finding.severity == Severity::issue ? "issue" : "notice");
    out.member("title", finding.title);
    out.member("events", finding.events);
    out.key("evidence").open('[');
    for (const auto& evidence : finding.evidence) write_evidence(out, evidence);
    out.close(']');
    out.member("evidenceLeftOut", finding.evidence_left_out);
    for (const bool commands : {false, true}) {
      out.key(commands ? "commands" : "advice").open('[');
      for (const auto& line : finding.advice)
        if (line.command == commands) out.text(line.text);
      out.close(']');
    }
    out.close('}');
  }
  out.close(']');
}

void write_clients(Writer& out, const Report& report) {
  out.key("retryStorms").open('[');
  for (size_t i = 0; i < report.storms.size() && i < kJsonRowsMax; ++i) {
    const auto& storm = report.storms[i];
    out.open('{');
    out.member("client", storm.client);
    out.member("caller", storm.caller);
    out.member("call", storm.call);
    out.member("class", key_of(storm.error_class));
    out.member("failures", storm.burst.failures);
    out.member("peakPerMinute", storm.burst.peak);
    out.key("first").time(storm.burst.first_us);
    out.key("last").time(storm.burst.last_us);
    out.close('}');
  }
  out.close(']');
  out.key("backoff").open('[');
  for (size_t i = 0; i < report.backoffs.size() && i < kJsonRowsMax; ++i) {
    const auto& client = report.backoffs[i];
    out.open('{');
    out.member("client", client.client);
    out.member("caller", client.caller);
    out.member("call", client.call);
    out.member("class", key_of(client.error_class));
    out.member("failures", client.failures);
    out.key("backsOff").boolean(client.backoff.verdict == BackoffVerdict::backs_off);
    out.key("medianPauseSeconds").real(static_cast<double>(client.backoff.median_pause_us) / 1e6);
    out.member("episodes", client.backoff.episodes);
    out.member("episodesGrowing", client.backoff.episodes_growing);
    out.close('}');
  }
  out.close(']');
}

void write_denials(Writer& out, const Report& report) {
  out.key("denials").open('[');
  for (size_t i = 0; i < report.tally.groups().size() && i < kJsonRowsMax; ++i) {
    const auto& group = report.tally.groups()[i];
    out.open('{');
    out.member("caller", group.caller);
    out.member("call", group.call);
    out.member("action", group.action);
    out.member("resource", group.resource);
    out.member("reason", key_of(group.reason));
    out.member("errorMessage", group.message);
    out.member("events", group.events);
    out.key("first").time(group.first_us);
    out.key("last").time(group.last_us);
    out.close('}');
  }
  out.close(']');
  out.key("policySuggestions").open('[');
  for (const auto& suggestion : report.policies) {
    out.open('{');
    out.member("caller", suggestion.caller);
    out.member("denied", suggestion.events);
    out.key("statements").open('[');
    for (const auto& statement : suggestion.statements) {
      out.open('{');
      out.member("Effect", "Allow");
      out.texts("Action", statement.actions);
      out.texts("Resource", statement.resources);
      out.close('}');
    }
    out.close(']');
    out.texts("notes", suggestion.notes);
    out.close('}');
  }
  out.close(']');
}

void write_classic(Writer& out, const ClassicTally& tally) {
  out.key("classic").open('{');
  out.member("events", tally.events);
  out.member("realErrors", tally.real_errors);
  out.member("dryRuns", tally.dry_runs);
  out.member("allIssues", tally.any_issues);
  write_counts(out, "errorsByCall", tally.errors_by_call);
  write_counts(out, "errorsByUser", tally.errors_by_user);
  write_counts(out, "errorCodes", tally.codes);
  write_counts(out, "calls", tally.calls);
  write_counts(out, "users", tally.users);
  out.close('}');
}

}  // namespace

std::string json(const Report& report) {
  Writer out;
  out.open('{');
  out.member("diagnosis", report.diagnosis->name);
  out.key("issuesFound").boolean(report.has_issues());
  write_window(out, report);
  write_totals(out, report);
  write_tables(out, report.tally);
  write_series(out, report.tally.series());
  write_findings(out, report);
  write_clients(out, report);
  if (report.diagnosis->focus == ErrorClass::permission) write_denials(out, report);
  if (report.classic) write_classic(out, *report.classic);
  out.key("folder");
  report.folder.empty() ? out.null() : out.text(report.folder);
  out.close('}');
  return std::move(out).take() + "\n";
}

}  // namespace cairn::diagnose
