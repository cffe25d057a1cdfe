// A call of the service's own API as the CloudTrail event that AWS would record of it. Source:
// CloudTrail User Guide, "CloudTrail record contents".
#pragma once

#include "api/operation.h"
#include "api/service.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::api {

/// What a record says of a call, whichever protocol it came by.
struct CallFacts {
  const access::Caller& caller;
  const aws::ServerRequest& http;
  std::string_view event_source{};
  std::string_view event_name{};
  std::string_view region{};
  std::string_view user_agent{};
  int64_t now_us = 0;
  bool read_only = true;
  std::string_view error_code{};  ///< empty: the call succeeded
  std::string_view error_message{};
  Json parameters{};  ///< null: none, as with the three that follow
  Json response{};
  Json additional{};  ///< additionalEventData
  Json resources{};
  std::string_view event_id{};  ///< a new UUID
};

/// The record's JSON in one line.
std::string call_record(const CallFacts& facts);

struct CallEnd {
  const Json* output = nullptr;  ///< null when it failed
  std::string error_code{};
  std::string error_message{};
};

/// The record's JSON in one line. `event_id`: a new UUID. Parameters and answers above 100 KB are
/// replaced by a note, as AWS does. No operation takes or gives a secret; one that does must say
/// here what is left out.
std::string call_record(const Service& service, const Operation& operation, const Call& call,
                        const CallEnd& end, const std::string& event_id);

}  // namespace cairn::api
