#include "cli/coverage_report.h"

#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace cairn::cli {
namespace {

using source::Coverage;
using source::FileFate;
using source::FileReport;
using source::Problem;

constexpr size_t kSummaryLines = 3;

std::string count(uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", with_thousands(number), noun, number == 1 ? "" : "s");
}

std::string_view fate_name(FileFate fate) {
  switch (fate) {
    case FileFate::read:
      return "read";
    case FileFate::partial:
      return "partial";
    case FileFate::refused:
      return "refused";
    case FileFate::left_out:
      return "left_out";
    case FileFate::pruned:
      return "pruned";
    case FileFate::not_needed:
      return "not_needed";
  }
  return "";
}

std::string problem_line(const Problem& problem) {
  std::string line = printable(problem.file);
  if (problem.record > 0)
    line += fmt::format(": record {}, byte {}", problem.record, problem.offset);
  else if (problem.offset > 0)
    line += fmt::format(": byte {}", problem.offset);
  return line + ": " + printable(problem.reason);
}

std::string refused_counts(const Coverage& coverage) {
  std::string text;
  if (coverage.files_refused > 0) text += count(coverage.files_refused, "file");
  if (coverage.records_refused > 0) {
    if (!text.empty()) text += " and ";
    text += count(coverage.records_refused, "record");
  }
  return text.empty() ? "part of " + count(coverage.files_partial, "file") : text;
}

void append_fate(std::string& out, const Coverage& coverage, FileFate fate, uint64_t number,
                 std::string_view title) {
  if (number == 0) return;
  fmt::format_to(std::back_inserter(out), "{}: {}\n", title, count(number, "file"));
  uint64_t listed = 0;
  for (const FileReport& file : coverage.files) {
    if (file.fate != fate) continue;
    ++listed;
    fmt::format_to(std::back_inserter(out), "  {}{}{}\n", printable(file.path),
                   file.reason.empty() ? "" : ": ", printable(file.reason));
  }
  if (listed < number)
    fmt::format_to(std::back_inserter(out), "  … and {} more\n", with_thousands(number - listed));
}

void append_problems(std::string& out, const Coverage& coverage, bool warnings, uint64_t number,
                     std::string_view title) {
  if (number == 0) return;
  fmt::format_to(std::back_inserter(out), "{}: {}\n", title, with_thousands(number));
  uint64_t listed = 0;
  for (const Problem& problem : coverage.problems) {
    if (problem.warning != warnings || (!warnings && problem.record == 0)) continue;
    ++listed;
    out += "  " + problem_line(problem) + "\n";
  }
  if (listed < number)
    fmt::format_to(std::back_inserter(out), "  … and {} more\n", with_thousands(number - listed));
}

void append_text_member(std::string& out, std::string_view key, std::string_view text) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, repair_utf8(text));
}

}  // namespace

std::string coverage_text(const Coverage& coverage) {
  std::string out =
      fmt::format("coverage: {} read whole, {}, {}\n", count(coverage.files_read, "file"),
                  human_bytes(coverage.bytes_read), count(coverage.events, "event"));
  append_fate(out, coverage, FileFate::partial, coverage.files_partial, "read in part");
  append_fate(out, coverage, FileFate::refused, coverage.files_refused, "refused");
  append_fate(out, coverage, FileFate::left_out, coverage.files_left_out, "left out");
  append_fate(out, coverage, FileFate::pruned, coverage.files_pruned, "ruled out unread");
  append_fate(out, coverage, FileFate::not_needed, coverage.files_not_needed, "not needed");
  append_problems(out, coverage, false, coverage.records_refused, "records refused");
  append_problems(out, coverage, true, coverage.warnings, "accepted, but odd");
  if (coverage.records_skipped > 0)
    fmt::format_to(std::back_inserter(out), "other kinds of event, skipped: {}\n",
                   with_thousands(coverage.records_skipped));
  return out;
}

std::string coverage_json(const Coverage& coverage) {
  std::string out = fmt::format(
      R"({{"files_read":{},"files_partial":{},"files_refused":{},"files_left_out":{},)"
      R"("files_pruned":{},"files_not_needed":{},"bytes_read":{},"events":{},)"
      R"("records_refused":{},"records_skipped":{},"warnings":{},"files":[)",
      coverage.files_read, coverage.files_partial, coverage.files_refused, coverage.files_left_out,
      coverage.files_pruned, coverage.files_not_needed, coverage.bytes_read, coverage.events,
      coverage.records_refused, coverage.records_skipped, coverage.warnings);
  std::string_view comma;
  for (const FileReport& file : coverage.files) {
    out += comma;
    comma = ",";
    append_text_member(out += '{', "path", file.path);
    append_text_member(out += ',', "fate", fate_name(file.fate));
    if (!file.reason.empty()) append_text_member(out += ',', "reason", file.reason);
    fmt::format_to(std::back_inserter(out), R"(,"bytes":{},"events":{},"records_refused":{}}})",
                   file.bytes, file.events, file.records_refused);
  }
  out += R"(],"problems":[)";
  comma = "";
  for (const Problem& problem : coverage.problems) {
    out += comma;
    comma = ",";
    append_text_member(out += '{', "file", problem.file);
    fmt::format_to(std::back_inserter(out), R"(,"record":{},"offset":{},)", problem.record,
                   problem.offset);
    append_text_member(out, "reason", problem.reason);
    fmt::format_to(std::back_inserter(out), R"(,"warning":{}}})", problem.warning);
  }
  return out + "]}";
}

std::string problem_summary(const Coverage& coverage) {
  if (!coverage.has_failures()) return {};
  std::string out =
      fmt::format("cairn: refused {}; the answer is without them\n", refused_counts(coverage));
  size_t listed = 0;
  size_t failures = 0;
  for (const Problem& problem : coverage.problems) {
    if (problem.warning) continue;
    ++failures;
    if (listed == kSummaryLines) continue;
    ++listed;
    out += "  " + problem_line(problem) + "\n";
  }
  if (failures > listed)
    fmt::format_to(std::back_inserter(out), "  … and {} more; --coverage lists all\n",
                   with_thousands(failures - listed));
  return out;
}

}  // namespace cairn::cli
