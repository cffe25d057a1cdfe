#include "access/internal/key_events.h"

#include "access/rights.h"
#include "aws/record_date.h"
#include "base/time.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace cairn::access::internal {
namespace {

using Json = nlohmann::ordered_json;

struct KeyEvent {
  std::string_view source = "iam.amazonaws.com";
  std::string_view name{};
  bool read_only = false;
  Json parameters{};
  Json response{};
  Json additional{};
};

std::string second_of(int64_t time_us) {
  return format_iso8601(time_us - time_us % kMicrosPerSecond);
}

/// Who changes keys works on the machine of the service, and has no key: CloudTrail calls such an
/// identity unknown.
Json actor_identity(const KeyActor& actor, const Key& key) {
  return Json{{"type", "Unknown"},
              {"principalId", actor.id},
              {"accountId", key.account},
              {"userName", actor.name}};
}

std::string record_of(const KeyChange& change, const Key& key, KeyEvent event,
                      const std::string& event_id) {
  Json record = Json::object();
  record["eventVersion"] = "1.11";
  record["userIdentity"] = actor_identity(change.actor, key);
  record["eventTime"] = second_of(change.now_us);
  record["eventSource"] = event.source;
  record["eventName"] = event.name;
  record["awsRegion"] = "us-east-1";  // where events of global services are
  record["sourceIPAddress"] = "127.0.0.1";
  record["userAgent"] = change.actor.agent;
  record["requestParameters"] = std::move(event.parameters);
  record["responseElements"] = std::move(event.response);
  if (!event.additional.is_null()) record["additionalEventData"] = std::move(event.additional);
  record["requestID"] = change.request_id;
  record["eventID"] = event_id;
  record["readOnly"] = event.read_only;
  record["eventType"] = "AwsApiCall";
  record["managementEvent"] = true;
  record["recipientAccountId"] = key.account;
  record["eventCategory"] = "Management";
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json named_user(const Key& key) {
  return Json{{"userName", key.name}};
}

Json named_key(const Key& key) {
  return Json{{"userName", key.name}, {"accessKeyId", key.id}};
}

/// What AWS says with policies.
Json powers_of(const Key& key) {
  Json out{{"role", role_name(key.role)}, {"accounts", key.accounts}};
  if (key.expires_us) out["expires"] = second_of(*key.expires_us);
  return out;
}

}  // namespace

std::string user_created(const KeyChange& change, const Key& key, const std::string& event_id) {
  const Json user{{"path", "/"},
                  {"userName", key.name},
                  {"userId", key.principal_id},
                  {"arn", key.caller().arn},
                  {"createDate", aws::record_date(key.created_us)}};
  return record_of(
      change, key,
      {.name = "CreateUser", .parameters = named_user(key), .response = {{"user", user}}},
      event_id);
}

std::string user_deleted(const KeyChange& change, const Key& key, const std::string& event_id) {
  return record_of(change, key, {.name = "DeleteUser", .parameters = named_user(key)}, event_id);
}

std::string key_created(const KeyChange& change, const Key& key, const std::string& event_id) {
  const Json made{{"userName", key.name},
                  {"accessKeyId", key.id},
                  {"status", "Active"},
                  {"createDate", aws::record_date(key.created_us)}};
  return record_of(change, key,
                   {.name = "CreateAccessKey",
                    .parameters = named_user(key),
                    .response = {{"accessKey", made}},
                    .additional = powers_of(key)},
                   event_id);
}

std::string key_updated(const KeyChange& change, const Key& key, const std::string& event_id) {
  const bool over = key.expires_us && *key.expires_us <= change.now_us;
  KeyEvent event{.name = "UpdateAccessKey", .parameters = named_key(key)};
  event.parameters["status"] = key.enabled && !over ? "Active" : "Inactive";
  if (key.expires_us) event.additional = Json{{"expires", second_of(*key.expires_us)}};
  return record_of(change, key, std::move(event), event_id);
}

std::string key_deleted(const KeyChange& change, const Key& key, const std::string& event_id) {
  return record_of(change, key, {.name = "DeleteAccessKey", .parameters = named_key(key)},
                   event_id);
}

std::string session_created(const KeyChange& change, const Key& key, const std::string& event_id) {
  const auto ends_us = key.expires_us.value_or(change.now_us);
  const Json credentials{{"accessKeyId", key.id}, {"expiration", aws::record_date(ends_us)}};
  return record_of(
      change, key,
      {.source = "sts.amazonaws.com",
       .name = "GetSessionToken",
       .read_only = true,
       .parameters = {{"durationSeconds", (ends_us - key.created_us) / kMicrosPerSecond}},
       .response = {{"credentials", credentials}},
       .additional = {{"userName", key.name}, {"parentAccessKeyId", key.parent}}},
      event_id);
}

}  // namespace cairn::access::internal
