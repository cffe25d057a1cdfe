// One API call as the diagnoses see it: the facts that they count, group by and quote.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::diagnose {

/// The texts are borrowed from the row that the event was read from; keep copies of what must last.
struct Event {
  int64_t time_us = 0;         ///< microseconds since 1970, UTC
  std::string_view time_text;  ///< as the record writes it
  std::string_view source;     ///< ec2.amazonaws.com
  std::string_view name;       ///< CreateNetworkInterface
  std::string_view region;
  std::string_view account;  ///< that received the event
  std::string_view caller;   ///< role, user or service; the sessions of one role are one caller
  std::string_view user;     ///< userIdentity.arn, session included; empty if the record has none
  std::string_view principal;
  std::string_view access_key;
  std::string_view ip;
  std::string_view agent;
  std::string_view code;  ///< errorCode; empty for a call that succeeded
  std::string_view message;
  std::string_view resource;  ///< what the call was about: interface, bucket, ARN
  std::string_view event_id;
  uint64_t weight = 1;    ///< calls that this stands for; above 1 only where nothing failed
  bool has_user = false;  ///< whether userIdentity.arn is there at all (it may be there and empty)
  bool has_ip = false;
};

/// The narrowest name of who called: the session's ARN, else what else tells clients apart.
inline std::string_view client_of(const Event& event) {
  if (!event.user.empty()) return event.user;
  if (!event.principal.empty()) return event.principal;
  if (!event.access_key.empty()) return event.access_key;
  if (!event.caller.empty()) return event.caller;
  return event.ip;
}

}  // namespace cairn::diagnose
