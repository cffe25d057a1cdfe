// Timeline: everything that an identity did, with the sessions that it opened, or that was done to
// a resource, or that came from an address, in order, and what was new about it.
//
// An identity is followed down (an access key or a role's session that calls AssumeRole and the
// like is the beginning of another session, and so on) and up (which key or ARN began it).
#pragma once

#include "base/result.h"
#include "query/session.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn::investigate {

struct TimelineRequest {
  enum class Subject : uint8_t { identity, resource, address };
  Subject subject = Subject::identity;
  /// identity: access key id, ARN of a user, role or session, principal id, or user name.
  /// resource: ARN, id or name as it stands in requests. address: as sourceIPAddress has it.
  std::string value;
  std::optional<int64_t> start_us{};  ///< inclusive, microseconds since 1970
  std::optional<int64_t> end_us{};
};

/// A session (or the long-lived identity) that belongs to the timeline.
struct ChainLink {
  static constexpr size_t kNone = SIZE_MAX;
  size_t parent = kNone;  ///< index in Chain::links of what opened it
  std::string key;        ///< access key id; empty: only the ARN is known
  std::string arn;        ///< of the identity or session
  std::string opened_by;  ///< eventName of the call that gave the key
  std::string event_id;   ///< of that call
  std::optional<int64_t> opened_us{};
  bool above = false;  ///< found by going up from what was asked for
};

struct Chain {
  std::vector<ChainLink> links;  ///< parents before children
  bool cut = false;              ///< there are more than kLinksMax
};

inline constexpr size_t kLinksMax = 1000;
inline constexpr size_t kDepthMax = 16;

struct TimelineEvent {
  int64_t time_us = 0;
  std::string name{};
  std::string source{};
  std::string region{};
  std::string account{};
  std::string address{};
  std::string agent{};
  std::string error{};
  std::string arn{};
  std::string key{};
  std::string event_id{};
  std::optional<bool> read_only{};
  /// What this identity (resource, address) had not shown before in all that is read: of
  /// "address", "agent", "region", "service", "call", "identity".
  std::vector<std::string> first_seen{};
  size_t link = ChainLink::kNone;  ///< in Chain::links, by the access key
};

/// Fails with `invalid_argument` for an empty value.
Result<Chain> find_chain(query::Session& session, const TimelineRequest& request);

/// The events in order of time; `visit` returning false ends it. Their number.
Result<uint64_t> read_timeline(query::Session& session, const TimelineRequest& request,
                               const Chain& chain,
                               const std::function<bool(const TimelineEvent&)>& visit);

}  // namespace cairn::investigate
