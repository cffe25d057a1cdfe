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
  std::string request_id{};  ///< a new UUID
};

// Each is a record's JSON in one line. `event_id`: a new UUID.

/// CreateUser, of the user whose first key this is.
std::string user_created(const KeyChange& change, const Key& key, const std::string& event_id);
/// DeleteUser, of the user whose last key this was.
std::string user_deleted(const KeyChange& change, const Key& key, const std::string& event_id);
/// CreateAccessKey. Role, accounts and the end of the key, which AWS does not know, are in
/// additionalEventData.
std::string key_created(const KeyChange& change, const Key& key, const std::string& event_id);
/// UpdateAccessKey: whether the key is enabled, and when it ends.
std::string key_updated(const KeyChange& change, const Key& key, const std::string& event_id);
/// DeleteAccessKey.
std::string key_deleted(const KeyChange& change, const Key& key, const std::string& event_id);
/// GetSessionToken. `key`: the temporary one.
std::string session_created(const KeyChange& change, const Key& key, const std::string& event_id);

}  // namespace cairn::access::internal
