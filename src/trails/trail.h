// What a trail is, in our own words. api/ turns AWS's shapes into these and back.
#pragma once

#include "aws/tags.h"
#include "base/result.h"
#include "lang/event_selectors/event_selectors.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn::trails {

/// Who asks, and where: a trail belongs to an account and has a home Region.
struct Scope {
  std::string account{};  ///< 12 digits
  std::string region{};
};

enum class InsightType : uint8_t { call_rate, error_rate };

struct InsightSelector {
  InsightType type = InsightType::call_rate;
  std::vector<std::string> categories{};  ///< "Management", "Data"; empty: Management

  bool operator==(const InsightSelector&) const = default;
};

/// Events of a kind that are summed up into aggregated events (a setting only, so far).
struct Aggregation {
  std::vector<std::string> templates{};  ///< "API_ACTIVITY", …
  std::string category{};                ///< "Data"

  bool operator==(const Aggregation&) const = default;
};

struct Trail {
  int64_t id = 0;  ///< ours; never used again, unlike names
  std::string account{};
  std::string region{};  ///< its home
  std::string name{};
  std::string bucket{};
  std::string prefix{};
  std::string topic{};  ///< as it was given: a name or an ARN; empty: none
  bool global_events = true;
  bool multi_region = false;
  bool validation = false;    ///< digests are written
  bool organization = false;  ///< takes the events of all accounts
  /// Whether calls of CloudTrail's own delivery are delivered too. Ours makes no such events.
  bool recursive_logging = true;
  std::string log_group_arn{};
  std::string log_role_arn{};
  std::string kms_key{};
  lang::event_selectors::Selectors selectors{};
  bool custom_selectors = false;
  std::vector<InsightSelector> insights{};
  std::vector<Aggregation> aggregations{};
  aws::Tags tags{};
  bool logging = false;

  std::string arn() const;
  /// Empty when it has no topic.
  std::string topic_arn() const;
};

/// What CreateTrail and UpdateTrail give; absent: the default, or as it was. An empty text takes a
/// setting away.
struct TrailSettings {
  std::optional<std::string> bucket{};
  std::optional<std::string> prefix{};
  std::optional<std::string> topic{};
  std::optional<bool> global_events{};
  std::optional<bool> multi_region{};
  std::optional<bool> validation{};
  std::optional<bool> organization{};
  std::optional<bool> recursive_logging{};
  std::optional<std::string> log_group_arn{};
  std::optional<std::string> log_role_arn{};
  std::optional<std::string> kms_key{};
  /// Fails if the caller may not name the bucket. Called for a bucket that the trail does not
  /// deliver to yet. Null: any bucket may be named.
  std::function<Status(const std::string& bucket)> may_use_bucket{};
};

/// How one kind of delivery went.
struct DeliveryState {
  std::string error{};            ///< AWS's code of the last try, if it failed: "AccessDenied"
  int64_t delivered_us = 0;       ///< the last one that worked; 0: none
  int64_t attempt_us = 0;         ///< the last one; 0: none
  int64_t attempt_worked_us = 0;  ///< when the last try that worked began
};

struct TrailStatus {
  bool logging = false;
  int64_t started_us = 0;  ///< 0: never
  int64_t stopped_us = 0;  ///< 0: never
  DeliveryState log_files{};
  DeliveryState notices{};
  DeliveryState log_group{};
  DeliveryState digests{};
  uint64_t files_waiting = 0;     ///< in the outbox: made, and not delivered yet
  int64_t waiting_since_us = 0;   ///< when the oldest of these was made; 0: none waits
  uint64_t events_too_large = 0;  ///< left out of the log group
};

/// As ListPublicKeys tells it.
struct PublicKey {
  std::string der{};  ///< PKCS#1 RSAPublicKey
  std::string fingerprint{};
  int64_t valid_from_us = 0;
  int64_t valid_to_us = 0;
};

}  // namespace cairn::trails
