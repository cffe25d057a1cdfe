// Changes to keys as the CloudTrail events that IAM and STS would record of them. Pure. No secret
// and no session token is in them. Source: IAM User Guide, "Logging IAM and AWS STS API calls with
// AWS CloudTrail".
#pragma once

#include "access/keys.h"

#include <cstdint>
#include <string>

namespace cairn::access::internal {

/// What all events of a change share.
struct KeyChange {
  const KeyActor& actor;
  int64_t now_us = 0;
};

/// Of one event: AWS would have got a request for each.
struct EventIds {
  std::string request{};  ///< a new UUID, as the event's
  std::string event{};
};

// Each is a record's JSON in one line.

/// CreateUser, of the user whose first key this is.
std::string user_created(const KeyChange& change, const Key& key, const EventIds& ids);
/// DeleteUser, of the user whose last key this was.
std::string user_deleted(const KeyChange& change, const Key& key, const EventIds& ids);
/// CreateAccessKey. Role, accounts and the end of the key, which AWS does not know, are in
/// additionalEventData.
std::string key_created(const KeyChange& change, const Key& key, const EventIds& ids);
/// UpdateAccessKey: whether the key is enabled, and when it ends.
std::string key_updated(const KeyChange& change, const Key& key, const EventIds& ids);
/// DeleteAccessKey.
std::string key_deleted(const KeyChange& change, const Key& key, const EventIds& ids);
/// GetSessionToken. `key`: the temporary one.
std::string session_created(const KeyChange& change, const Key& key, const EventIds& ids);

}  // namespace cairn::access::internal
