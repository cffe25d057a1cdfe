#include "integrity/digest_key.h"

#include "aws/endpoint.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

namespace cairn::integrity {
namespace {

constexpr std::string_view kRoot = "AWSLogs/";
constexpr std::string_view kDigestFolder = "CloudTrail-Digest";
constexpr std::string_view kLogFolder = "CloudTrail";
constexpr std::string_view kEnding = ".json.gz";
constexpr std::string_view kBackfill = "_backfill";

std::string folder_of(const DigestChain& chain, std::string_view kind) {
  return fmt::format("{}{}{}{}{}{}/{}/{}/", chain.prefix, chain.prefix.empty() ? "" : "/", kRoot,
                     chain.organization, chain.organization.empty() ? "" : "/", chain.account, kind,
                     chain.region);
}

/// Takes what stands before (or behind) the first (or last) separator.
std::optional<std::string_view> take_front(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  if (at == text.npos) return std::nullopt;
  const auto part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

std::optional<std::string_view> take_back(std::string_view& text, char separator) {
  const auto at = text.rfind(separator);
  if (at == text.npos) return std::nullopt;
  const auto part = text.substr(at + 1);
  text.remove_suffix(text.size() - at);
  return part;
}

/// `20250314T091122Z`
std::optional<int64_t> parse_stamp(std::string_view stamp) {
  if (stamp.size() != 16 || stamp[8] != 'T' || stamp[15] != 'Z') return std::nullopt;
  if (!all_digits(stamp.substr(0, 8)) || !all_digits(stamp.substr(9, 6))) return std::nullopt;
  if (stamp[13] > '5') return std::nullopt;  // no leap seconds: an instant has one name
  return parse_iso8601(fmt::format("{}-{}-{}T{}:{}:{}Z", stamp.substr(0, 4), stamp.substr(4, 2),
                                   stamp.substr(6, 2), stamp.substr(9, 2), stamp.substr(11, 2),
                                   stamp.substr(13, 2)));
}

bool is_organization(std::string_view text) {
  return text.size() > 2 && text.starts_with("o-");
}

/// `111122223333_CloudTrail-Digest_us-east-1_NAME_us-east-1_20250314T091122Z[_backfill].json.gz`
bool read_name(std::string_view name, DigestName& found) {
  if (!name.ends_with(kEnding)) return false;
  name.remove_suffix(kEnding.size());
  found.backfill = name.ends_with(kBackfill);
  if (found.backfill) name.remove_suffix(kBackfill.size());
  const auto account = take_front(name, '_');
  const auto kind = account ? take_front(name, '_') : std::nullopt;
  const auto region = kind ? take_front(name, '_') : std::nullopt;
  const auto stamp = region ? take_back(name, '_') : std::nullopt;
  const auto home = stamp ? take_back(name, '_') : std::nullopt;
  if (!home || *kind != kDigestFolder || name.empty() || home->empty()) return false;
  const auto end = parse_stamp(*stamp);
  if (!end) return false;
  found.chain.account = *account;
  found.chain.region = *region;
  found.chain.trail = name;
  found.chain.home_region = *home;
  found.end_us = *end;
  return true;
}

}  // namespace

std::string day_folder(int64_t micros) {
  const auto civil = to_civil(micros);
  return fmt::format("{:04}/{:02}/{:02}", civil.year, civil.month, civil.day);
}

std::string digest_key(const DigestChain& chain, int64_t end_us, bool backfill) {
  const auto civil = to_civil(end_us);
  return fmt::format("{}{}/{}_{}_{}_{}_{}_{:04}{:02}{:02}T{:02}{:02}{:02}Z{}{}",
                     digest_folder(chain), day_folder(end_us), chain.account, kDigestFolder,
                     chain.region, chain.trail, chain.home_region, civil.year, civil.month,
                     civil.day, civil.hour, civil.minute, civil.second, backfill ? kBackfill : "",
                     kEnding);
}

std::string digest_folder(const DigestChain& chain) {
  return folder_of(chain, kDigestFolder);
}

std::string log_folder(const DigestChain& chain) {
  return folder_of(chain, kLogFolder);
}

std::optional<DigestName> parse_digest_key(std::string_view key) {
  DigestName found;
  auto folders = key;
  const auto name = take_back(folders, '/');
  if (!name || !read_name(*name, found)) return std::nullopt;
  // Behind the prefix everything must be what the name says, so the rest can be compared.
  const auto day = day_folder(found.end_us);
  const auto tail =
      fmt::format("{}/{}/{}/{}", found.chain.account, kDigestFolder, found.chain.region, day);
  if (!is_account_id(found.chain.account) || !folders.ends_with(tail)) return std::nullopt;
  folders.remove_suffix(tail.size());
  if (folders.size() <= kRoot.size() - 1)
    return folders == kRoot ? std::optional(found) : std::nullopt;
  if (!folders.ends_with(kRoot)) {
    auto above = folders.substr(0, folders.size() - 1);
    const auto organization = take_back(above, '/');
    if (folders.back() != '/' || !organization || !is_organization(*organization))
      return std::nullopt;
    found.chain.organization = *organization;
    folders = folders.substr(0, above.size() + 1);
  }
  if (!folders.ends_with(kRoot)) return std::nullopt;
  folders.remove_suffix(kRoot.size());
  if (folders.empty()) return found;
  if (folders.back() != '/' || folders.size() == 1) return std::nullopt;
  found.chain.prefix = folders.substr(0, folders.size() - 1);
  return found;
}

std::string trail_arn(const DigestChain& chain) {
  return fmt::format("arn:{}:cloudtrail:{}:{}:trail/{}", aws::partition(chain.home_region),
                     chain.home_region, chain.account, chain.trail);
}

}  // namespace cairn::integrity
