#include "diagnose/classic.h"

#include "base/text.h"

#include <algorithm>

namespace cairn::diagnose {
namespace {

constexpr std::string_view kDryRunCode = "Client.DryRunOperation";
constexpr std::string_view kUnknown = "unknown";

/// Length of the UTF-8 character that begins with `lead`.
size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// `rate.?exceeded` in text of lower case; the dot is one character other than a line end.
bool has_rate_exceeded(std::string_view text) {
  constexpr std::string_view kRate = "rate";
  constexpr std::string_view kExceeded = "exceeded";
  for (size_t at = text.find(kRate); at != std::string_view::npos; at = text.find(kRate, at + 1)) {
    std::string_view rest = text.substr(at + kRate.size());
    if (rest.starts_with(kExceeded)) return true;
    if (rest.empty() || rest.front() == '\n') continue;
    rest.remove_prefix(std::min(rest.size(), character_size(rest.front())));
    if (rest.starts_with(kExceeded)) return true;
  }
  return false;
}

/// As `jq -r | sort | uniq -c` sees it: a text with line ends is several lines.
void add_lines(CountTable& table, std::string_view text) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    table.add(text.substr(at, end - at), 1);
    at = end + 1;
  }
}

}  // namespace

ClassicClass classify_classic(std::string_view code, std::string_view message) {
  const std::string lower = to_lower(message);
  const bool says_so = lower.find("throttl") != std::string::npos ||
                       lower.find("limit") != std::string::npos || has_rate_exceeded(lower);
  ClassicClass classes;
  classes.dry_run = code == kDryRunCode;
  classes.any_issue = !code.empty();
  classes.real_error = (classes.any_issue && !classes.dry_run) || says_so;
  return classes;
}

void ClassicTally::add(const Event& event, const ClassicClass& classes) {
  ++events;
  add_lines(calls, event.name);
  add_lines(users, classic_user(event));
  if (classes.dry_run) ++dry_runs;
  if (classes.any_issue) {
    ++any_issues;
    add_lines(codes, event.code);
  }
  if (!classes.real_error) return;
  ++real_errors;
  add_lines(errors_by_call, event.name);
  add_lines(errors_by_user, classic_user(event));
  if (first_errors.size() < kFirstErrors)
    first_errors.push_back(
        {std::string(event.name), std::string(event.code), std::string(event.message)});
}

std::string_view classic_user(const Event& event) {
  return event.has_user ? event.user : kUnknown;
}

std::string_view classic_ip(const Event& event) {
  return event.has_ip ? event.ip : kUnknown;
}

}  // namespace cairn::diagnose
