#include "api/call_record.h"

#include "base/time.h"

#include <fmt/format.h>

#include <array>
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

// "Nov 20, 2026, 3:04:05 PM", which is how the service's records show instants of requests.
std::string record_date(double seconds) {
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto civil = to_civil(static_cast<int64_t>(std::floor(seconds)) * kMicrosPerSecond);
  const int hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  return fmt::format("{} {}, {}, {}:{:02}:{:02} {}", kMonths[static_cast<size_t>(civil.month - 1)],
                     civil.day, civil.year, hour, civil.minute, civil.second,
                     civil.hour < 12 ? "AM" : "PM");
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
    out[lower_first(name)] =
        is_instant(name, member) ? Json(record_date(member.get<double>())) : in_record_form(member);
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

std::string call_record(const Service& service, const Operation& operation, const Call& call,
                        const CallEnd& end, const std::string& event_id) {
  Json record = Json::object();
  record["eventVersion"] = "1.11";
  record["userIdentity"] = identity(call.caller);
  record["eventTime"] = format_iso8601(call.now_us - call.now_us % kMicrosPerSecond);
  record["eventSource"] = service.event_source;
  record["eventName"] = operation.name;
  record["awsRegion"] = shortened(call.region);
  record["sourceIPAddress"] = call.http.remote_address;
  record["userAgent"] = shortened(aws::find_header(call.http.headers, "user-agent"));
  if (!end.error_code.empty()) {
    record["errorCode"] = end.error_code;
    record["errorMessage"] = shortened(end.error_message);
  }
  record["requestParameters"] = limited(call.input);
  record["responseElements"] =
      end.output == nullptr || operation.read_only ? Json(nullptr) : limited(*end.output);
  record["requestID"] = call.request_id;
  record["eventID"] = event_id;
  record["readOnly"] = operation.read_only;
  record["eventType"] = "AwsApiCall";
  record["managementEvent"] = true;
  record["recipientAccountId"] = call.caller.account;
  record["eventCategory"] = "Management";
  if (call.http.tls)
    record["tlsDetails"] = Json{{"tlsVersion", call.http.tls->version},
                                {"cipherSuite", call.http.tls->cipher_suite},
                                {"clientProvidedHostHeader", shortened(call.http.tls->host)}};
  return dump(record);
}

}  // namespace cairn::api
