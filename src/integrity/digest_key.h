// Where digests lie: `[prefix/]AWSLogs/[o-id/]ACCOUNT/CloudTrail-Digest/REGION/YYYY/MM/DD/
// ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHMMSSZ[_backfill].json.gz`. Pure.
// Source: AWS CloudTrail User Guide, "Digest file location"; validation.py of the AWS CLI.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::integrity {

/// One chain of digests: those of a trail about an account's events in a region.
struct DigestChain {
  std::string prefix{};        ///< S3KeyPrefix, without slashes at its ends; may be empty
  std::string organization{};  ///< `o-…` of an organization's trail; else empty
  std::string account{};       ///< 12 digits: whose events
  std::string region{};        ///< where the events happened
  std::string trail{};         ///< the trail's name
  std::string home_region{};   ///< where the trail was made

  // clang-tidy takes the 0 of the comparison for a pointer. NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const DigestChain&) const = default;
};

/// The key of the digest of the hour that ends at `end_us` (whole seconds count).
std::string digest_key(const DigestChain& chain, int64_t end_us, bool backfill = false);

/// What all keys of the chain's account and region begin with:
/// `…/CloudTrail-Digest/REGION/`.
std::string digest_folder(const DigestChain& chain);

/// The same of log files: `…/CloudTrail/REGION/`.
std::string log_folder(const DigestChain& chain);

/// `YYYY/MM/DD` of an instant.
std::string day_folder(int64_t micros);

struct DigestName {
  DigestChain chain{};
  int64_t end_us = 0;  ///< the time in the name
  bool backfill = false;
};

/// nullopt for everything that is not wholly of this form, with the folders saying what the name
/// says.
std::optional<DigestName> parse_digest_key(std::string_view key);

/// `arn:aws:cloudtrail:HOME:ACCOUNT:trail/NAME`; the partition follows from the region. Of an
/// organization's trail the account is that of the trail, which its digests do not tell.
std::string trail_arn(const DigestChain& chain);

}  // namespace cairn::integrity
