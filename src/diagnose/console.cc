#include "diagnose/console.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::diagnose {
namespace {

constexpr size_t kActionsShown = 5;
constexpr size_t kCallersShown = 10;
constexpr size_t kClientsShown = 10;
constexpr size_t kDenialsShown = 20;
constexpr size_t kPlotColumns = 50;

std::string heading(std::string_view title) {
  return fmt::format("=== {} ===\n", title);
}

/// Data, each element on a line of its own with everything that could drive a terminal shown.
std::string item(std::string_view text) {
  return fmt::format("  - {}\n", printable(text));
}

std::string counts(std::string_view label, const CountTable& table, size_t most) {
  const auto top = table.top(most);
  if (top.empty()) return {};
  std::string out = fmt::format("[INFO] {}:\n", label);
  for (const auto& [name, events] : top) out += item(fmt::format("{} {}", events, name));
  const size_t kept_apart = table.size();
  if (kept_apart > top.size()) out += fmt::format("  - … and {} more\n", kept_apart - top.size());
  return out;
}

std::string found_line(const Report& report) {
  const uint64_t failures = report.tally.failures();
  const auto& diagnosis = *report.diagnosis;
  if (failures > 0)
    return fmt::format("[ISSUE] Found {} {} in CloudTrail\n", failures, diagnosis.problem);
  if (!report.incomplete.empty())
    return fmt::format("[INFO] No {} found in what could be read\n", diagnosis.problem);
  if (diagnosis.focus == ErrorClass::none)
    return "[OK] No real errors/throttles found in CloudTrail\n";
  return fmt::format("[OK] No {} found in CloudTrail\n", diagnosis.problem);
}

std::string latest(const Report& report) {
  if (report.tally.latest().empty()) return {};
  std::string out = report.diagnosis->focus == ErrorClass::none
                        ? "[INFO] Recent errors/throttles (last 5):\n"
                        : fmt::format("[INFO] Recent {} (last 5):\n", report.diagnosis->problem);
  for (const auto& sample : report.tally.latest())
    out += item(fmt::format("{}: {} ({})", sample.call, sample.code, shortened(sample.message)));
  return out;
}

std::string classes(const Tally& tally) {
  std::string out;
  for (const auto error_class : kErrorClasses)
    if (is_failure(error_class) && tally.of(error_class) > 0)
      out += fmt::format("  - {} {}\n", tally.of(error_class), name_of(error_class));
  return out.empty() ? out : "[INFO] Errors by class:\n" + out;
}

std::string total(const Report& report) {
  const auto& tally = report.tally;
  const std::string share =
      report.diagnosis->focus == ErrorClass::none
          ? fmt::format("dry-runs: {}", tally.of(ErrorClass::dry_run))
          : fmt::format("{}: {}", report.diagnosis->problem, tally.failures());
  std::string out = fmt::format("[INFO] Total {} analyzed: {} ({})\n", report.diagnosis->noun,
                                tally.events(), share);
  if (report.duplicates > 0)
    out += fmt::format("[INFO] Delivered again and not counted: {}\n", report.duplicates);
  for (const auto& why : report.incomplete)
    out += fmt::format("[INFO] The totals are incomplete: {}\n", why);
  return out;
}

/// The logs hold what was asked for, but elsewhere: say where.
std::string elsewhere(const Report& report) {
  if (report.tally.events() > 0 || !report.newest_of_set_us) return {};
  return fmt::format("[INFO] The newest of the {} in these logs is of {}; see it with --end {}\n",
                     report.diagnosis->noun, format_iso8601(*report.newest_of_set_us),
                     format_iso8601(*report.newest_of_set_us));
}

std::string over_time(const Report& report) {
  if (report.tally.failures() == 0) return {};
  const auto& series = report.tally.series();
  return fmt::format("[INFO] Over time (UTC, per {}):\n{}", short_duration(series.width_us()),
                     series.plot(kPlotColumns, true));
}

std::string rates(const Report& report) {
  const auto& tally = report.tally;
  std::string out = "[INFO] Throttled share of the calls:\n";
  for (const auto& [call, throttled] : tally.throttles_by_call().top(kActionsShown)) {
    const uint64_t calls = tally.calls().of(call);
    out += item(fmt::format("{}: {} of {} ({:.1f} %)", call, throttled, calls,
                            100.0 * static_cast<double>(throttled) /
                                static_cast<double>(std::max<uint64_t>(1, calls))));
  }
  out += counts("Throttled callers", tally.failures_by_caller(), kCallersShown);
  out += counts("Throttled access keys", tally.failures_by_key(), kActionsShown);
  out += counts("Throttled user agents", tally.failures_by_agent(), kActionsShown);
  return out;
}

std::string backoffs(const Report& report) {
  if (report.backoffs.empty()) return {};
  std::string out = "[INFO] Do the clients back off?\n";
  size_t shown = 0;
  for (const auto& client : report.backoffs) {
    if (shown++ == kClientsShown) {
      out += fmt::format("  - … and {} more\n", report.backoffs.size() - kClientsShown);
      break;
    }
    out += item(fmt::format(
        "{}: {} {} ({} failures, median pause {:.1f} s, pauses grow in {} of {} episodes)",
        client.backoff.verdict == BackoffVerdict::backs_off ? "yes" : "no", client.client,
        client.call, client.failures, static_cast<double>(client.backoff.median_pause_us) / 1e6,
        client.backoff.episodes_growing, client.backoff.episodes));
  }
  return out;
}

std::string denials(const Report& report) {
  const auto& groups = report.tally.groups();
  if (groups.empty()) return {};
  std::string out = "[INFO] Who is denied what:\n";
  for (size_t i = 0; i < groups.size() && i < kDenialsShown; ++i) {
    const auto& group = groups[i];
    out += item(fmt::format("{} {}: {} on {} ({}), {} to {}", group.events, group.caller,
                            group.action.empty() ? group.call : group.action,
                            group.resource.empty() ? "a resource that the log does not name"
                                                   : shortened(group.resource),
                            describe(group.reason), format_iso8601(group.first_us),
                            format_iso8601(group.last_us)));
  }
  if (groups.size() > kDenialsShown)
    out += fmt::format("  - … and {} more\n", groups.size() - kDenialsShown);
  return out;
}

std::string finding_lines(const Report& report) {
  std::string out;
  for (const auto& finding : report.findings)
    out += fmt::format("[{}] {}\n", finding.severity == Severity::issue ? "ISSUE" : "INFO",
                       printable(finding.title));
  return out;
}

std::string recommended(const Report& report) {
  if (report.findings.empty()) return {};
  std::string out = "\n" + heading("Recommended actions");
  int number = 0;
  for (const auto& finding : report.findings) {
    out += fmt::format("{}. {}\n", ++number, printable(finding.title));
    for (const auto& evidence : finding.evidence) {
      out += fmt::format("   evidence: {}\n", printable(evidence_text(evidence)));
      if (const auto details = evidence_details(evidence); !details.empty())
        out += fmt::format("             {}\n", printable(details));
    }
    if (finding.evidence_left_out > 0)
      out += fmt::format("             … and {} more of this kind\n", finding.evidence_left_out);
    for (const auto& line : finding.advice)
      out += fmt::format("   {}{}\n", line.command ? "  $ " : "", printable(line.text));
  }
  return out;
}

std::string policies(const Report& report) {
  if (report.policies.empty()) return {};
  std::string out = "\n" + heading("Suggested policies: check each before you use it");
  for (const auto& suggestion : report.policies) {
    out += fmt::format("{} ({} denied)\n", printable(suggestion.caller), suggestion.events);
    for (const auto& note : suggestion.notes) out += item(shortened(note));
    out += policy_json(suggestion);
  }
  return out;
}

}  // namespace

std::string console(const Report& report) {
  const bool throttling = report.diagnosis->focus == ErrorClass::throttle;
  const bool denied = report.diagnosis->focus == ErrorClass::permission;
  std::string out = heading(report.diagnosis->title);
  out += fmt::format("[INFO] Window: {}, region: {}\n", window_text(report),
                     report.region.empty() ? "all" : report.region);
  out += found_line(report);
  out += latest(report);
  if (report.diagnosis->focus == ErrorClass::none) {
    out += classes(report.tally);
    out += counts("Throttles by action", report.tally.throttles_by_call(), kActionsShown);
    out += counts("API calls by user/caller", report.tally.callers(), kCallersShown);
  } else {
    out += over_time(report);
  }
  if (throttling && report.tally.failures() > 0) out += rates(report);
  if (throttling) out += backoffs(report);
  if (denied) out += denials(report);
  out += total(report);
  out += elsewhere(report);
  out += finding_lines(report);
  out += recommended(report);
  out += policies(report);
  if (!report.folder.empty())
    out += fmt::format("\n[INFO] Written to {}\n", printable(report.folder));
  return out;
}

std::string classic_console(const Report& report) {
  const ClassicTally& tally = *report.classic;
  const std::string folder = printable(report.folder);
  std::string out;
  const auto say = [&](const std::string& line) { out += "[API] " + line + "\n"; };
  say(fmt::format("Collecting CloudTrail ENI calls for last {} minutes",
                  (report.window.end_us - report.window.start_us) / kMicrosPerMinute));
  say("Region: " + (report.region.empty() ? "all" : report.region));
  say("Output: " + folder);
  say("Querying CloudTrail (paginated)...");
  say("Done");
  say(fmt::format("Events found: {}  | flattened: {}", tally.events, tally.events));
  say(fmt::format("Real errors/throttles: {}  | Dry runs: {}  | All issues: {}", tally.real_errors,
                  tally.dry_runs, tally.any_issues));
  say("Output dir: " + folder);
  for (const auto& why : report.incomplete) say("WARN: the totals are incomplete: " + why);
  out += "\n" + heading("CloudTrail API Diagnostics");
  if (tally.real_errors > 0) {
    out += fmt::format("[ISSUE] Found {} real error/throttle event(s) in CloudTrail\n",
                       tally.real_errors);
    out += "[INFO] Recent errors/throttles (last 5):\n";
    for (const auto& row : tally.first_errors)
      out += item(fmt::format("{}: {} ({})", row.call, row.code, row.message));
  } else {
    out += "[OK] No real errors/throttles found in CloudTrail\n";
  }
  const auto padded = [&](std::string_view label, const CountTable& table, size_t most) {
    std::string lines = table.uniq_lines();
    if (lines.empty()) return;
    out += fmt::format("[INFO] {}:\n", label);
    for (size_t shown = 0; shown < most && !lines.empty(); ++shown) {
      const size_t end = lines.find('\n');
      out += item(lines.substr(0, end));
      lines.erase(0, end + 1);
    }
  };
  padded("Throttles by action", tally.errors_by_call, kActionsShown);
  padded("API calls by user/caller", tally.users, kCallersShown);
  out += fmt::format("[INFO] Total ENI API events analyzed: {} (dry-runs: {})\n", tally.events,
                     tally.dry_runs);
  if (tally.real_errors > 0)
    out += "  - Review CloudTrail API throttles/errors (see API diagnostics)\n";
  return out;
}

}  // namespace cairn::diagnose
