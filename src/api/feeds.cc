#include "api/feeds.h"

#include "access/rights.h"
#include "api/operation.h"
#include "base/base64.h"
#include "base/inflate.h"
#include "base/json_names.h"
#include "base/text.h"
#include "recording/recording.h"

#include <fmt/format.h>

#include <optional>
#include <variant>

namespace cairn::api {
namespace {

using aws::ServerRequest;
using aws::ServerResponse;

constexpr size_t kRecordsMax = 10'000;

/// The body without Content-Encoding: gzip; nullopt when it is damaged or too large.
std::optional<std::string> plain_body(const ServerRequest& request) {
  const auto encoding = to_lower(aws::find_header(request.headers, "content-encoding"));
  if (encoding.empty() || encoding == "identity") return request.body;
  Buffer text;
  if (encoding != "gzip" || !Gunzip().decompress(request.body, kFeedBytesMax, text))
    return std::nullopt;
  return std::string(text.view());
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ServerResponse answer(int status, const Json& body, std::string operation) {
  ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = dump(body);
  response.service = "feeds";
  response.operation = std::move(operation);
  if (status != 200) response.error_code = fmt::format("Http{}", status);
  return response;
}

/// `Basic base64(KEYID:SECRET)` or the header of an API key.
std::string bridge_key(const ServerRequest& request) {
  const auto key = aws::find_header(request.headers, "x-api-key");
  if (!key.empty()) return std::string(key);
  constexpr std::string_view kBasic = "Basic ";
  const auto authorization = aws::find_header(request.headers, "authorization");
  if (!authorization.starts_with(kBasic)) return "";
  return decode_base64(authorization.substr(kBasic.size())).value_or("");
}

std::string first_fault(const std::vector<std::string>& outcomes) {
  for (size_t i = 0; i < outcomes.size(); ++i)
    if (!outcomes[i].empty()) return fmt::format("record {}: {}", i + 1, outcomes[i]);
  return "";
}

ServerResponse bridge_reply(int status, const std::string& message, std::string cause = {}) {
  auto body = Json::object();
  if (!message.empty()) body["message"] = message;
  auto response = answer(status, body, "EventBridge");
  response.cause = std::move(cause);
  return response;
}

}  // namespace

std::variant<access::Caller, Feeds::Refusal> Feeds::who_sent(const ServerRequest& request,
                                                             std::string_view key) const {
  if (request.method != "POST") return Refusal{405, "only POST is answered here"};
  if (key.empty()) return Refusal{401, "the request has no access key"};
  auto caller = check_(key);
  if (!caller.ok())
    return Refusal{503, "the access key cannot be checked now", caller.error().message()};
  if (!caller.value()) return Refusal{401, "invalid access key or secret"};
  if (!access::may(caller.value()->role, access::Right::put_events))
    return Refusal{403, "the access key may not put events"};
  return *std::move(caller).value();
}

ServerResponse Feeds::firehose_reply(const ServerRequest& request, const Refusal& result) const {
  Json body{{"requestId", aws::find_header(request.headers, "x-amz-firehose-request-id")},
            {"timestamp", clock_.now_us() / 1000}};
  if (!result.message.empty()) body["errorMessage"] = result.message;
  auto response = answer(result.status, body, "Firehose");
  response.cause = result.cause;
  return response;
}

std::optional<ServerResponse> Feeds::check_firehose_head(const ServerRequest& head) const {
  const auto sender = who_sent(head, aws::find_header(head.headers, "x-amz-firehose-access-key"));
  const auto* const refusal = std::get_if<Refusal>(&sender);
  return refusal == nullptr ? std::nullopt : std::optional(firehose_reply(head, *refusal));
}

std::optional<ServerResponse> Feeds::check_event_bridge_head(const ServerRequest& head) const {
  const auto sender = who_sent(head, bridge_key(head));
  const auto* const refusal = std::get_if<Refusal>(&sender);
  if (refusal == nullptr) return std::nullopt;
  return bridge_reply(refusal->status, refusal->message, refusal->cause);
}

ServerResponse Feeds::refuse_firehose(const ServerRequest& request, int status,
                                      const std::string& message) const {
  return firehose_reply(request, {status, message, ""});
}

ServerResponse Feeds::refuse_event_bridge(int status, const std::string& message) {
  return bridge_reply(status, message);
}

ServerResponse Feeds::firehose(const ServerRequest& request) const {
  const auto id = aws::find_header(request.headers, "x-amz-firehose-request-id");
  const auto reply = [&](int status, std::string message, std::string cause = {}) {
    return firehose_reply(request, {status, std::move(message), std::move(cause)});
  };
  const auto sender =
      who_sent(request, aws::find_header(request.headers, "x-amz-firehose-access-key"));
  if (const auto* const refusal = std::get_if<Refusal>(&sender))
    return firehose_reply(request, *refusal);
  const auto text = plain_body(request);
  if (!text) return reply(413, "the body cannot be decompressed within the limit");
  const auto body = Json::parse(*text, nullptr, false);
  if (!body.is_object() || !body.contains("records") || !body["records"].is_array() ||
      body["records"].size() > kRecordsMax)
    return reply(400, "the body is not of the form that Firehose sends");
  if (const auto name = json::repeated_name(*text))
    return reply(400,
                 fmt::format("the body has an object with the name '{}' twice", printable(*name)));
  if (body.contains("requestId") && body["requestId"].is_string() &&
      body["requestId"].get_ref<const std::string&>() != id)
    return reply(400, "the request's id in the body is another one than in the header");
  std::vector<std::string> payloads;
  for (const auto& record : body["records"]) {
    const bool told = record.is_object() && record.contains("data") && record["data"].is_string();
    auto data = told ? decode_base64(record["data"].get_ref<const std::string&>()) : std::nullopt;
    if (!data) return reply(400, fmt::format("record {} has no data", payloads.size() + 1));
    payloads.push_back(std::move(*data));
  }
  const auto outcomes = recording_.put_records({payloads.begin(), payloads.end()},
                                               std::get<access::Caller>(sender).accounts);
  if (!outcomes.ok())
    return reply(503, "the events cannot be kept now", outcomes.error().message());
  const auto fault = first_fault(outcomes.value());
  return fault.empty() ? reply(200, "") : reply(400, fault);
}

ServerResponse Feeds::event_bridge(const ServerRequest& request) const {
  const auto sender = who_sent(request, bridge_key(request));
  if (const auto* const refusal = std::get_if<Refusal>(&sender))
    return bridge_reply(refusal->status, refusal->message, refusal->cause);
  const auto text = plain_body(request);
  if (!text) return bridge_reply(413, "the body cannot be decompressed within the limit");
  const auto outcomes = recording_.put_records({*text}, std::get<access::Caller>(sender).accounts);
  if (!outcomes.ok())
    return bridge_reply(503, "the events cannot be kept now", outcomes.error().message());
  const auto fault = first_fault(outcomes.value());
  return fault.empty() ? bridge_reply(200, "") : bridge_reply(400, fault);
}

}  // namespace cairn::api
