#include "api/cloudtrail_data/put_audit_events.h"

#include "api/cloudtrail/wire.h"
#include "recording/recording.h"

namespace cairn::api {

Result<Json> put_audit_events(Features& features, const Call& call) {
  if (features.recording == nullptr)
    return Error{ErrorKind::unimplemented, "The requested operation is not supported.",
                 "UnsupportedOperationException"};
  std::vector<recording::AuditEvent> events;
  for (const auto& one : call.input.at("auditEvents"))
    events.push_back({.id = text_of(one, "id"),
                      .data = text_of(one, "eventData"),
                      .checksum = text_of(one, "eventDataChecksum")});
  if (!call.caller.may_see(call.caller.account))
    return Error{ErrorKind::permission_denied,
                 access::denied_message(call.caller, "cloudtrail-data:PutAuditEvents"),
                 "ChannelInsufficientPermission"};
  const auto outcomes = CAIRN_TRY(features.recording->put_audit_events(
      {.account = call.caller.account, .region = std::string(call.region)},
      text_of(call.input, "channelArn"), text_of(call.input, "externalId"), events));
  Json out{{"failed", Json::array()}, {"successful", Json::array()}};
  for (const auto& outcome : outcomes) {
    if (outcome.error_code.empty())
      out["successful"].push_back({{"eventID", outcome.event_id}, {"id", outcome.id}});
    else
      out["failed"].push_back({{"errorCode", outcome.error_code},
                               {"errorMessage", outcome.error_message},
                               {"id", outcome.id}});
  }
  return out;
}

}  // namespace cairn::api
