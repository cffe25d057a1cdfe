#include "api/cloudtrail_data/put_audit_events.h"

#include "api/cloudtrail/wire.h"
#include "recording/recording.h"

namespace cairn::api {

Result<Json> put_audit_events(Features& features, const Call& call) {
  std::vector<recording::AuditEvent> events;
  for (const auto& one : call.input.at("auditEvents"))
    events.push_back({.id = text_of(one, "id"),
                      .data = text_of(one, "eventData"),
                      .checksum = text_of(one, "eventDataChecksum")});
  const auto outcomes = CAIRN_TRY(
      features.recording->put_audit_events(place_of(call), text_of(call.input, "channelArn"),
                                           text_of(call.input, "externalId"), events));
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
