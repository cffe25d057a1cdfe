#include "recording/internal/audit_record.h"

#include "base/crypto.h"
#include "base/json_depth.h"
#include "base/json_names.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace cairn::recording::internal {
namespace {

Refusal missing_field(std::string_view name) {
  return {"FieldNotFound", fmt::format("The required field {} is missing.", name)};
}

Refusal wrong_type(std::string_view name, std::string_view type) {
  return {"InvalidFieldType", fmt::format("The field {} must be {}.", name, type)};
}

bool is_text(std::string_view raw) {
  return json::is_string(raw) && raw.size() > 2;
}

Refusal check_text(std::string_view object, std::string_view name, std::string_view shown,
                   bool required) {
  const auto raw = json::find_member(object, name);
  if (raw.empty() || json::is_null(raw)) return required ? missing_field(shown) : Refusal{};
  return is_text(raw) ? Refusal{} : wrong_type(shown, "a text that is not empty");
}

Refusal check_identity(std::string_view event) {
  const auto identity = json::find_member(event, "userIdentity");
  if (identity.empty() || json::is_null(identity)) return missing_field("userIdentity");
  if (!json::is_object(identity)) return wrong_type("userIdentity", "an object");
  for (const auto* const name : {"type", "principalId"})
    if (auto refusal = check_text(identity, name, fmt::format("userIdentity.{}", name), true);
        !refusal.code.empty())
      return refusal;
  const auto details = json::find_member(identity, "details");
  if (!details.empty() && !json::is_null(details) && !json::is_object(details))
    return wrong_type("userIdentity.details", "an object");
  return {};
}

std::string text_of(std::string_view object, std::string_view name) {
  const auto raw = json::find_member(object, name);
  std::string scratch;
  return json::is_string(raw) ? std::string(json::string_content(raw, scratch)) : "";
}

}  // namespace

Refusal check_event_data(std::string_view data, int64_t now_us, std::string& plain) {
  plain = data;
  auto padded = json::padded_copy(data);
  const char* end = padded.data() + data.size();
  const char* begin = json::skip_space(padded.data());
  if (*begin != '{' || json::nests_deeper(data, kEventDepthMax))
    return {"InvalidEventData", "eventData is no JSON object."};
  auto scan = json::scan_value_and_names(begin, end);
  if (scan.fault != json::Fault::none || json::skip_space(scan.at) != end)
    return {"InvalidEventData",
            fmt::format("eventData is no JSON object: {}", scan.fault == json::Fault::none
                                                               ? "text follows it"
                                                               : json::describe(scan.fault))};
  if (scan.odd_names) {
    auto names = json::plain_names(data);
    if (!names.repeated.empty())
      return {"InvalidEventData", fmt::format("eventData has an object with the name '{}' twice.",
                                              printable(names.repeated))};
    if (!names.text.empty()) plain = std::move(names.text);
    padded = json::padded_copy(plain);
    end = padded.data() + plain.size();
    begin = json::skip_space(padded.data());
    scan = json::scan_value(begin, end);
  }
  const std::string_view event(begin, static_cast<size_t>(scan.at - begin));

  static constexpr std::array<const char*, 6> kRequired = {
      "version", "eventSource", "eventName", "eventTime", "UID", "recipientAccountId"};
  static constexpr std::array<const char*, 4> kOptional = {"userAgent", "errorCode", "errorMessage",
                                                           "sourceIPAddress"};
  static constexpr std::array<const char*, 3> kObjects = {"requestParameters", "responseElements",
                                                          "additionalEventData"};
  for (const auto* const name : kRequired)
    if (auto refusal = check_text(event, name, name, true); !refusal.code.empty()) return refusal;
  for (const auto* const name : kOptional)
    if (auto refusal = check_text(event, name, name, false); !refusal.code.empty()) return refusal;
  for (const auto* const name : kObjects) {
    const auto raw = json::find_member(event, name);
    if (!raw.empty() && !json::is_null(raw) && !json::is_object(raw))
      return wrong_type(name, "an object");
  }
  const auto time_us = parse_iso8601(text_of(event, "eventTime"));
  if (!time_us) return wrong_type("eventTime", "a time such as 2026-03-20T09:46:40Z");
  if (*time_us > now_us + kFutureUsMax)
    return {"InvalidEventData", "eventTime is more than 15 minutes in the future."};
  return check_identity(event);
}

std::string name_based_uuid(std::string_view space, std::string_view name, std::string_view bytes) {
  auto hash = sha256(fmt::format("{}\n{}\n{}", space, name, bytes));
  hash[6] = static_cast<char>((hash[6] & 0x0F) | 0x80);  // version 8: a method of our own
  hash[8] = static_cast<char>((hash[8] & 0x3F) | 0x80);
  const auto hex = to_hex(std::string_view(hash).substr(0, 16));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string one_line(std::string_view json) {
  std::string out(json);
  for (char& c : out)  // none stands within a string: JSON wants them escaped there
    if (c == '\n' || c == '\r') c = ' ';
  return out;
}

std::string audit_record(const Channel& channel, std::string_view event_id, std::string_view data,
                         int64_t now_us) {
  const auto padded = json::padded_copy(data);
  const auto time = text_of(std::string_view(padded).substr(0, data.size()), "eventTime");
  const auto second = [](int64_t micros) {
    return format_iso8601(micros - micros % kMicrosPerSecond);
  };
  std::string out = R"({"eventVersion":"1.0","eventCategory":"ActivityAuditLog",)";
  out += R"("eventType":"ActivityLog","eventID":")";
  out += event_id;
  out += R"(","eventTime":)";
  append_json_string(out, format_iso8601(parse_iso8601(time).value_or(now_us)));
  out += R"(,"awsRegion":)";
  append_json_string(out, channel.region);
  out += R"(,"recipientAccountId":)";
  append_json_string(out, channel.account);
  out += fmt::format(R"(,"metadata":{{"ingestionTime":"{}","channelARN":)", second(now_us));
  append_json_string(out, channel.arn());
  out += R"(,"eventDataStores":[)";
  for (size_t i = 0; i < channel.destinations.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, channel.destinations[i]);
  }
  out += R"(]},"eventData":)";
  out += one_line(data);
  return out + '}';
}

}  // namespace cairn::recording::internal
