#include "aws/errors.h"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace cairn::aws {
namespace {

bool one_of(std::span<const std::string_view> codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// `namespace#Code:http://…` → `Code`
std::string bare_code(std::string_view text) {
  text = text.substr(0, text.find_first_of(":;"));
  const auto hash = text.rfind('#');
  return std::string(hash == std::string_view::npos ? text : text.substr(hash + 1));
}

std::string text_member(const nlohmann::json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

}  // namespace

ServiceError parse_error_xml(std::string_view body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  auto error = document.child("Error");
  if (!error) error = document.child("ErrorResponse").child("Error");
  if (!error) error = document.child("Response").child("Errors").child("Error");
  ServiceError out{.code = error.child("Code").text().as_string(),
                   .message = error.child("Message").text().as_string(),
                   .region = error.child("Region").text().as_string()};
  return out;
}

ServiceError parse_error_json(std::string_view body, const Headers& headers) {
  ServiceError out;
  const auto parsed = nlohmann::json::parse(body, nullptr, false);
  if (parsed.is_object()) {
    out.code = bare_code(text_member(parsed, "__type"));
    if (out.code.empty()) out.code = bare_code(text_member(parsed, "code"));
    out.message = text_member(parsed, "message");
    if (out.message.empty()) out.message = text_member(parsed, "Message");
  }
  if (const auto type = find_header(headers, "x-amzn-errortype"); out.code.empty())
    out.code = bare_code(type);
  if (const auto query = find_header(headers, "x-amzn-query-error"); !query.empty())
    out.code = bare_code(query);
  return out;
}

bool is_throttling(int http_status, std::string_view code) {
  constexpr std::array<std::string_view, 14> kCodes = {"SlowDown",
                                                       "Throttling",
                                                       "ThrottlingException",
                                                       "ThrottledException",
                                                       "RequestThrottled",
                                                       "RequestThrottledException",
                                                       "TooManyRequestsException",
                                                       "ProvisionedThroughputExceededException",
                                                       "RequestLimitExceeded",
                                                       "BandwidthLimitExceeded",
                                                       "LimitExceededException",
                                                       "PriorRequestNotComplete",
                                                       "TransactionInProgressException",
                                                       "EC2ThrottledException"};
  return http_status == 429 || one_of(kCodes, code);
}

bool is_retryable(int http_status, std::string_view code) {
  constexpr std::array<std::string_view, 8> kCodes = {
      "RequestTimeout", "RequestTimeoutException", "InternalError",         "InternalFailure",
      "BadDigest",      "ServiceUnavailable",      "IDPCommunicationError", "OperationAborted"};
  return is_throttling(http_status, code) || one_of(kCodes, code) || http_status == 500 ||
         http_status == 502 || http_status == 503 || http_status == 504 || http_status == 408;
}

bool is_clock_skew(std::string_view code) {
  constexpr std::array<std::string_view, 3> kCodes = {"RequestTimeTooSkewed", "RequestInTheFuture",
                                                      "RequestExpired"};
  return one_of(kCodes, code);
}

bool is_expired_token(std::string_view code) {
  constexpr std::array<std::string_view, 3> kCodes = {"ExpiredToken", "ExpiredTokenException",
                                                      "TokenRefreshRequired"};
  return one_of(kCodes, code);
}

ErrorKind error_kind(int http_status, std::string_view code) {
  constexpr std::array<std::string_view, 9> kDenied = {"InvalidClientTokenId",
                                                       "UnrecognizedClientException",
                                                       "InvalidSignatureException",
                                                       "AccessDeniedException",
                                                       "AccessDenied",
                                                       "MissingAuthenticationToken",
                                                       "ExpiredToken",
                                                       "ExpiredTokenException",
                                                       "InvalidToken"};
  constexpr std::array<std::string_view, 2> kAbsent = {"AWS.SimpleQueueService.NonExistentQueue",
                                                       "QueueDoesNotExist"};
  if (is_retryable(http_status, code)) return ErrorKind::unavailable;
  if (http_status == 404 || one_of(kAbsent, code)) return ErrorKind::not_found;
  if (http_status == 401 || http_status == 403 || one_of(kDenied, code))
    return ErrorKind::permission_denied;
  return ErrorKind::invalid_argument;
}

}  // namespace cairn::aws
