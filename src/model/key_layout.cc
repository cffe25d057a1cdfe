#include "model/key_layout.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::model {
namespace {

// `us-east-1`, `us-gov-west-1`, `cn-north-1`, `eu-isoe-west-1`: lower-case parts, the last one a
// number.
bool looks_like_region(std::string_view text) {
  const auto dash = text.rfind('-');
  if (text.size() < 6 || text.size() > 32 || dash == std::string_view::npos) return false;
  const auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return std::all_of(text.begin(), text.end(), fine) && all_digits(text.substr(dash + 1)) &&
         std::count(text.begin(), text.end(), '-') >= 2;
}

KeyKind kind_of(std::string_view folder) {
  if (folder == "CloudTrail") return KeyKind::log;
  if (folder == "CloudTrail-Insight") return KeyKind::insight;
  if (folder == "CloudTrail-Digest") return KeyKind::digest;
  if (folder == "CloudTrail-Aggregated") return KeyKind::aggregated;
  return KeyKind::other_service;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// `20250314T0910Z` of log files and `20250314T091122Z` of digests.
void read_stamp(std::string_view stamp, KeyFacts& facts) {
  if (stamp.size() < 14 || stamp[8] != 'T' || stamp.back() != 'Z') return;
  const auto clock = stamp.substr(9, stamp.size() - 10);
  if (!all_digits(stamp.substr(0, 8), 8) || (!all_digits(clock, 4) && !all_digits(clock, 6)))
    return;
  CivilTime civil;
  civil.year = number(stamp.substr(0, 4));
  civil.month = number(stamp.substr(4, 2));
  civil.day = number(stamp.substr(6, 2));
  civil.hour = number(clock.substr(0, 2));
  civil.minute = number(clock.substr(2, 2));
  if (civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31 || civil.hour > 23)
    return;
  facts.delivered_min_us = to_micros(civil);
  facts.delivered_max_us = *facts.delivered_min_us + kMicrosPerMinute - 1;
}

// `111122223333_CloudTrail_us-east-1_20250314T0910Z_AbCdEfGhIjKlMnOp.json.gz`
void read_name(std::string_view name, KeyFacts& facts) {
  const auto parts = split(name, '_');
  if (parts.size() < 4 || !is_account_id(parts[0])) return;
  const KeyKind kind = kind_of(parts[1]);
  if (kind == KeyKind::other_service || !looks_like_region(parts[2])) return;
  if (facts.kind == KeyKind::unknown) facts.kind = kind;
  facts.account = parts[0];
  facts.region = parts[2];
  for (size_t i = 3; i < parts.size(); ++i)
    read_stamp(parts[i].substr(0, parts[i].find('.')), facts);
}

// `…/AWSLogs/[o-id/]ACCOUNT/FOLDER/[REGION/YYYY/MM/DD/]name`: the last AWSLogs that is followed so.
void read_folders(const std::vector<std::string_view>& parts, KeyFacts& facts) {
  for (size_t i = parts.size(); i-- > 0;) {
    if (parts[i] != "AWSLogs") continue;
    size_t at = i + 1;
    if (at < parts.size() && parts[at].substr(0, 2) == "o-") ++at;
    if (at + 2 >= parts.size() || !is_account_id(parts[at])) continue;
    facts.account = parts[at];
    facts.kind = kind_of(parts[at + 1]);
    if (facts.kind == KeyKind::other_service) {
      facts.service = parts[at + 1];
      return;
    }
    if (at + 3 < parts.size() && looks_like_region(parts[at + 2])) facts.region = parts[at + 2];
    if (at + 6 >= parts.size() || !all_digits(parts[at + 3], 4) || !all_digits(parts[at + 4], 2) ||
        !all_digits(parts[at + 5], 2)) {
      return;
    }
    CivilTime day;
    day.year = number(parts[at + 3]);
    day.month = std::clamp(number(parts[at + 4]), 1, 12);
    day.day = std::clamp(number(parts[at + 5]), 1, 31);
    facts.delivered_min_us = to_micros(day);
    facts.delivered_max_us = *facts.delivered_min_us + kMicrosPerDay - 1;
    return;
  }
}

}  // namespace

KeyFacts read_key(std::string_view key) {
  KeyFacts facts;
  const auto parts = split(key, '/');
  read_folders(parts, facts);
  if (facts.kind != KeyKind::other_service) read_name(parts.back(), facts);
  return facts;
}

namespace {

std::string folder_name(std::string_view text, std::string_view otherwise) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    const bool fine =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    out += fine ? c : '_';
  }
  return out.empty() ? std::string(otherwise) : out;
}

}  // namespace

std::string log_file_key(const LogFileName& name) {
  const auto account = folder_name(name.account, "000000000000");
  const auto region = folder_name(name.region, "unknown");
  const std::string_view kind = name.insight ? "CloudTrail-Insight" : "CloudTrail";
  const auto time = to_civil(name.delivered_us);
  return fmt::format(
      "{}{}AWSLogs/{}{}{}/{}/{}/{:04}/{:02}/{:02}/{}_{}_{}_{:04}{:02}{:02}T{:02}{:02}Z_{}.json.gz",
      name.prefix, name.prefix.empty() ? "" : "/", name.organization,
      name.organization.empty() ? "" : "/", account, kind, region, time.year, time.month, time.day,
      account, kind, region, time.year, time.month, time.day, time.hour, time.minute, name.unique);
}

}  // namespace cairn::model
