#include "api/call_record.h"

#include "aws/record_date.h"
#include "base/time.h"

#include <cmath>

namespace cairn::api {
namespace {

constexpr size_t kParametersBytesMax = 100 << 10;
constexpr size_t kTextBytesMax = 1 << 10;  // of userAgent, errorMessage

std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

int64_t seconds_us(double seconds) {
  return static_cast<int64_t>(std::floor(seconds)) * kMicrosPerSecond;
}

bool is_instant(std::string_view name, const Json& value) {
  return value.is_number() && (name.ends_with("Time") || name.ends_with("Timestamp")) &&
         std::abs(value.get<double>()) < 1e11;
}

// Names begin in lower case in records, at every depth; nulls are left out.
Json in_record_form(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const auto& element : value) out.push_back(in_record_form(element));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [name, member] : value.items()) {
    if (member.is_null()) continue;
    out[lower_first(name)] = is_instant(name, member)
                                 ? Json(aws::record_date(seconds_us(member.get<double>())))
                                 : in_record_form(member);
  }
  return out;
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json limited(const Json& value) {
  if (value.is_null() || (value.is_object() && value.empty())) return nullptr;
  auto out = in_record_form(value);
  if (dump(out).size() <= kParametersBytesMax) return out;
  return Json{{"omitted", true}};
}

std::string shortened(std::string_view text) {
  if (text.size() <= kTextBytesMax) return std::string(text);
  size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

Json identity(const access::Caller& caller) {
  return Json{{"type", "IAMUser"},
              {"principalId", caller.principal_id},
              {"arn", caller.arn},
              {"accountId", caller.account},
              {"accessKeyId", caller.access_key_id},
              {"userName", caller.user_name}};
}

}  // namespace

std::string call_record(const CallFacts& facts) {
  Json record = Json::object();
  record["eventVersion"] = "1.11";
  record["userIdentity"] = identity(facts.caller);
  record["eventTime"] = format_iso8601(facts.now_us - facts.now_us % kMicrosPerSecond);
  record["eventSource"] = facts.event_source;
  record["eventName"] = facts.event_name;
  record["awsRegion"] = facts.region;
  record["sourceIPAddress"] = facts.http.remote_address;
  record["userAgent"] = shortened(facts.user_agent);
  if (!facts.error_code.empty()) {
    record["errorCode"] = facts.error_code;
    record["errorMessage"] = shortened(facts.error_message);
  }
  record["requestParameters"] = facts.parameters;
  record["responseElements"] = facts.response;
  if (!facts.additional.is_null()) record["additionalEventData"] = facts.additional;
  record["requestID"] = facts.http.request_id;
  record["eventID"] = facts.event_id;
  record["readOnly"] = facts.read_only;
  if (!facts.resources.is_null()) record["resources"] = facts.resources;
  record["eventType"] = "AwsApiCall";
  record["managementEvent"] = true;
  record["recipientAccountId"] = facts.caller.account;
  record["eventCategory"] = "Management";
  if (facts.http.tls)
    record["tlsDetails"] = Json{{"tlsVersion", facts.http.tls->version},
                                {"cipherSuite", facts.http.tls->cipher_suite},
                                {"clientProvidedHostHeader", facts.http.tls->host}};
  return dump(record);
}

std::string call_record(const Service& service, const Operation& operation, const Call& call,
                        const CallEnd& end, const std::string& event_id) {
  return call_record({.caller = call.caller,
                      .http = call.http,
                      .event_source = service.event_source,
                      .event_name = operation.name,
                      .region = call.region,
                      .user_agent = aws::find_header(call.http.headers, "user-agent"),
                      .now_us = call.now_us,
                      .read_only = operation.read_only,
                      .error_code = end.error_code,
                      .error_message = end.error_message,
                      .parameters = limited(call.input),
                      .response = end.output == nullptr || operation.read_only
                                      ? Json(nullptr)
                                      : limited(*end.output),
                      .event_id = event_id});
}

}  // namespace cairn::api
