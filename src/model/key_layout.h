// What the key (path) of a file in a CloudTrail bucket tells about it. Read from its tail, since
// what stands before is anybody's choice: organisation ids, Control Tower's doubled ones, prefixes
// that themselves hold "AWSLogs". Source: AWS CloudTrail User Guide, "Getting and viewing your
// CloudTrail log files".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::model {

enum class KeyKind : uint8_t {
  unknown,        ///< the key tells nothing
  log,            ///< CloudTrail log file
  insight,        ///< Insights events
  aggregated,     ///< aggregated events
  digest,         ///< signed digest: no events
  other_service,  ///< below AWSLogs/ACCOUNT/, but not CloudTrail's
};

/// Slices borrow from the key.
struct KeyFacts {
  KeyKind kind = KeyKind::unknown;
  std::string_view account;  ///< 12 digits, or empty
  std::string_view region;   ///< or empty
  std::string_view service;  ///< of other_service: "Config", "vpcflowlogs", …
  /// Delivered in [min, max], microseconds: the minute in the name, or the day of the folder.
  std::optional<int64_t> delivered_min_us;
  std::optional<int64_t> delivered_max_us;
};

KeyFacts read_key(std::string_view key);

/// What a log file's key is made of.
struct LogFileName {
  std::string_view prefix{};        ///< S3KeyPrefix, without slashes at its ends; may be empty
  std::string_view organization{};  ///< `o-…` of an organization's trail; else empty
  std::string_view account{};
  std::string_view region{};
  bool insight = false;
  int64_t delivered_us = 0;
  std::string_view unique{};  ///< 16 letters and digits
};

/// `[prefix/]AWSLogs/[o-id/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_
/// YYYYMMDDTHHmmZ_UNIQUE.json.gz`. What records say of account and region is not trusted to name a
/// folder: other characters than letters, digits and `-` become `_`.
std::string log_file_key(const LogFileName& name);

}  // namespace cairn::model
