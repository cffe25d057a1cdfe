#include "diagnose/markdown.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::diagnose {
namespace {

constexpr size_t kMarkdownRowsMax = 50;
constexpr size_t kPlotColumns = 60;

/// As code within a line or a table cell: nothing in it is markup.
std::string code(std::string_view text) {
  std::string shown = printable(text);
  if (shown.empty()) return "–";
  std::string out;
  for (const char c : shown) {
    if (c == '`')
      out += '\'';
    else if (c == '|')
      out += "\\|";
    else
      out += c;
  }
  return "`" + out + "`";
}

/// As running text: what could begin markup is escaped.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// A fence longer than any run of backquotes in `text`.
std::string block(std::string_view language, std::string_view text) {
  size_t longest = 2;
  size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}{}\n{}{}{}\n\n", fence, language, text,
                     text.empty() || text.back() == '\n' ? "" : "\n", fence);
}

std::string table(std::string_view title, std::string_view column, const CountTable& counts) {
  const auto top = counts.top(kMarkdownRowsMax);
  if (top.empty()) return {};
  std::string out = fmt::format("## {}\n\n| {} | events |\n| --- | ---: |\n", title, column);
  for (const auto& [name, events] : top)
    out += fmt::format("| {} | {} |\n", code(name), with_thousands(events));
  if (counts.size() > top.size())
    out += fmt::format("\n{} more are not shown.\n", counts.size() - top.size());
  return out + "\n";
}

std::string summary(const Report& report) {
  const auto& tally = report.tally;
  std::string out =
      fmt::format("# {}\n\n- Window: {}\n- Region: {}\n- {}: {}\n", report.diagnosis->title,
                  window_text(report), report.region.empty() ? "all" : report.region,
                  report.diagnosis->noun, with_thousands(tally.events()));
  for (const auto error_class : kErrorClasses)
    if (error_class != ErrorClass::none && tally.of(error_class) > 0)
      out += fmt::format("- of class {}: {}\n", name_of(error_class),
                         with_thousands(tally.of(error_class)));
  if (report.duplicates > 0)
    out +=
        fmt::format("- delivered again and not counted: {}\n", with_thousands(report.duplicates));
  for (const auto& why : report.incomplete)
    out += fmt::format("- **The totals are incomplete:** {}\n", plain(why));
  return out + "\n";
}

std::string over_time(const Report& report) {
  const auto& series = report.tally.series();
  const bool failures_only = report.diagnosis->focus != ErrorClass::none;
  if (report.tally.events() == 0 || (failures_only && report.tally.failures() == 0)) return {};
  return fmt::format("## Over time\n\nPer {}, UTC. `#` throttled, `!` failed otherwise{}\n\n{}",
                     short_duration(series.width_us()),
                     failures_only ? "." : ", `-` dry run, `.` succeeded.",
                     block("text", series.plot(kPlotColumns, failures_only)));
}

std::string findings(const Report& report) {
  if (report.findings.empty()) return "## Findings\n\nNone.\n\n";
  std::string out = "## Findings\n\n";
  for (const auto& finding : report.findings) {
    out += fmt::format("### {}{}\n\nEvidence:\n\n",
                       finding.severity == Severity::issue ? "" : "Notice: ", plain(finding.title));
    for (const auto& evidence : finding.evidence)
      out += fmt::format("- {}  \n  {}\n", plain(evidence_text(evidence)),
                         plain(evidence_details(evidence)));
    if (finding.evidence_left_out > 0)
      out += fmt::format("- {} more of this kind\n", finding.evidence_left_out);
    out += '\n';
    for (const auto& line : finding.advice)
      out += line.command ? block("sh", printable(line.text)) : plain(line.text) + "\n\n";
  }
  return out;
}

std::string clients(const Report& report) {
  std::string out;
  if (!report.storms.empty()) {
    out +=
        "## Retry storms\n\n| client | call | failures | at most per minute | from | to |\n"
        "| --- | --- | ---: | ---: | --- | --- |\n";
    for (size_t i = 0; i < report.storms.size() && i < kMarkdownRowsMax; ++i) {
      const auto& storm = report.storms[i];
      out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(storm.client), code(storm.call),
                         with_thousands(storm.burst.failures), storm.burst.peak,
                         format_iso8601(storm.burst.first_us), format_iso8601(storm.burst.last_us));
    }
    out += '\n';
  }
  if (!report.backoffs.empty()) {
    out +=
        "## Back-off of the clients\n\n| client | call | failures | median pause | backs off |\n"
        "| --- | --- | ---: | ---: | --- |\n";
    for (size_t i = 0; i < report.backoffs.size() && i < kMarkdownRowsMax; ++i) {
      const auto& client = report.backoffs[i];
      out += fmt::format("| {} | {} | {} | {:.1f} s | {} |\n", code(client.client),
                         code(client.call), with_thousands(client.failures),
                         static_cast<double>(client.backoff.median_pause_us) / 1e6,
                         client.backoff.verdict == BackoffVerdict::backs_off ? "yes" : "no");
    }
    out += '\n';
  }
  return out;
}

std::string denials(const Report& report) {
  if (report.diagnosis->focus != ErrorClass::permission || report.tally.groups().empty()) return {};
  std::string out =
      "## Who is denied what\n\n| caller | action | resource | why | calls | first | "
      "last |\n| --- | --- | --- | --- | ---: | --- | --- |\n";
  size_t shown = 0;
  for (const auto& group : report.tally.groups()) {
    if (shown++ == 4 * kMarkdownRowsMax) {
      out += fmt::format("\n{} more are not shown.\n",
                         report.tally.groups().size() - 4 * kMarkdownRowsMax);
      break;
    }
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", code(group.caller),
                       code(group.action.empty() ? group.call : group.action),
                       code(shortened(group.resource)), describe(group.reason),
                       with_thousands(group.events), format_iso8601(group.first_us),
                       format_iso8601(group.last_us));
  }
  out +=
      "\n## Suggested policies\n\nThe smallest statements that would allow what was denied. "
      "Check each before you use it: a denial may be right.\n\n";
  for (const auto& suggestion : report.policies) {
    out += fmt::format("### {}\n\n", code(suggestion.caller));
    for (const auto& note : suggestion.notes) out += fmt::format("- {}\n", plain(note));
    if (!suggestion.notes.empty()) out += '\n';
    if (!suggestion.statements.empty()) out += block("json", policy_json(suggestion));
  }
  return out;
}

}  // namespace

std::string markdown(const Report& report) {
  std::string out = summary(report);
  out += over_time(report);
  out += findings(report);
  out += clients(report);
  out += denials(report);
  out += table("Failures by call", "call", report.tally.failures_by_call());
  out += table("Failures by caller", "caller", report.tally.failures_by_caller());
  if (report.diagnosis->focus == ErrorClass::none) {
    out += table("Calls", "call", report.tally.calls());
    out += table("Callers", "caller", report.tally.callers());
  }
  return out;
}

}  // namespace cairn::diagnose
