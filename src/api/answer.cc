#include "api/answer.h"

#include "aws/xml_text.h"

#include <fmt/format.h>

namespace cairn::api {
namespace {

void append_member(std::string& out, std::string_view name, const Json& value) {
  if (value.is_null()) return;
  if (value.is_object() || value.is_array()) {
    out += fmt::format("<{}>", name);
    for (const auto& [key, member] : value.items())
      append_member(out, value.is_array() ? "member" : std::string_view(key), member);
    out += fmt::format("</{}>", name);
  } else if (value.is_string()) {
    aws::append_element(out, name, value.get_ref<const std::string&>());
  } else {
    aws::append_element(out, name, value.dump());
  }
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

aws::ServerResponse json_error(const Route& route, const WireError& error) {
  aws::ServerResponse response;
  response.status = error.status;
  response.error_code = error.code;
  const bool rest = route.protocol == Protocol::rest_json;
  Json body = Json::object();
  if (!rest) body["__type"] = error.code;
  body[rest ? "message" : "Message"] = error.message;
  response.headers = {{"Content-Type", rest ? "application/json" : "application/x-amz-json-1.1"},
                      {"x-amzn-ErrorType", error.code}};
  response.body = json_text(body);
  return response;
}

aws::ServerResponse query_error(const Route& route, const aws::ServerRequest& request,
                                const WireError& error) {
  aws::ServerResponse response;
  response.status = error.status;
  response.error_code = error.code;
  response.headers = {{"Content-Type", "text/xml"}};
  response.body =
      fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type>",
                  route.service == nullptr ? "http://webservices.amazon.com/AWSFault/2005-15-09"
                                           : route.service->query_namespace,
                  error.status / 100 == 5 ? "Receiver" : "Sender");
  aws::append_element(response.body, "Code", error.code);
  aws::append_element(response.body, "Message", error.message);
  response.body += "</Error>";
  aws::append_element(response.body, "RequestId", request.request_id);
  response.body += "</ErrorResponse>";
  return response;
}

aws::ServerResponse s3_error(const aws::ServerRequest& request, const WireError& error,
                             const std::vector<std::pair<std::string, std::string>>& details) {
  aws::ServerResponse response;
  response.status = error.status;
  response.error_code = error.code;
  response.error_message = error.message;
  response.headers = {{"Content-Type", "application/xml"},
                      {"x-amz-request-id", request.request_id}};
  response.body = std::string(aws::kXmlHead) + "<Error>";
  aws::append_element(response.body, "Code", error.code);
  aws::append_element(response.body, "Message", error.message);
  for (const auto& [name, value] : details) aws::append_element(response.body, name, value);
  aws::append_element(response.body, "Resource", request.path());
  aws::append_element(response.body, "RequestId", request.request_id);
  response.body += "</Error>";
  return response;
}

aws::ServerResponse error_answer(const Route& route, const aws::ServerRequest& request,
                                 const WireError& error,
                                 const std::vector<std::pair<std::string, std::string>>& details) {
  switch (route.protocol) {
    case Protocol::json:
    case Protocol::rest_json:
      return json_error(route, error);
    case Protocol::query:
      return query_error(route, request, error);
    case Protocol::s3:
      return s3_error(request, error, details);
  }
  return {};
}

/// The message up to its hint. Hints come on a line of their own, or behind a semicolon.
std::string without_hint(std::string_view message) {
  for (const std::string_view mark : {"\nhint:", "; hint:"})
    message = message.substr(0, message.find(mark));
  return std::string(message);
}

WireError failure_error(Protocol protocol) {
  if (protocol == Protocol::s3)
    return {500, "InternalError", "We encountered an internal error. Please try again."};
  return {500, "InternalFailure",
          "The request processing has failed because of an unknown error, exception or failure."};
}

}  // namespace

WireError fault_error(aws::HttpFault fault, Protocol protocol) {
  switch (fault) {
    case aws::HttpFault::malformed:
      return {400, "MalformedHttpRequestException", "The request cannot be read as HTTP."};
    case aws::HttpFault::header_too_large:
      return {431, "RequestHeaderSectionTooLarge",
              "Your request header section exceeds the maximum allowed size."};
    case aws::HttpFault::body_too_large:
      return {413, "RequestEntityTooLargeException", "The request is larger than the limit."};
    case aws::HttpFault::length_required:
      return {411, "MissingContentLength", "You must provide the Content-Length HTTP header."};
    case aws::HttpFault::timed_out:
      return {408, "RequestTimeoutException", "The request did not come in time."};
    case aws::HttpFault::too_many_requests:
      if (protocol == Protocol::s3) return {503, "SlowDown", "Please reduce your request rate."};
      return {503, "ServiceUnavailable", "There are too many requests; try again later."};
    case aws::HttpFault::unsupported:
      return {501, "NotImplemented", "A header of the request asks for what is not implemented."};
    case aws::HttpFault::stopping:
      return {503, "ServiceUnavailable", "The service is being stopped; try again later."};
    case aws::HttpFault::failed:
      return failure_error(protocol);
  }
  return {};
}

WireError wire_error(const Error& error, Protocol protocol) {
  const bool s3 = protocol == Protocol::s3;
  if (!error.aws_code().empty()) {
    const bool xml = s3 || protocol == Protocol::query;
    const int status = error.kind() == ErrorKind::unavailable                ? 503
                       : xml && error.kind() == ErrorKind::permission_denied ? 403
                       : xml && error.kind() == ErrorKind::not_found         ? 404
                                                                             : 400;
    return {status, std::string(error.aws_code()), without_hint(error.message())};
  }
  switch (error.kind()) {
    case ErrorKind::unimplemented:
      return {s3 ? 501 : 400, s3 ? "NotImplemented" : "UnsupportedOperationException",
              "The requested operation is not supported."};
    case ErrorKind::unavailable:
    case ErrorKind::exhausted:
      return {503, "ServiceUnavailable", "The service cannot do this now; try again later."};
    case ErrorKind::invalid_argument:
    case ErrorKind::not_found:
    case ErrorKind::already_exists:
    case ErrorKind::permission_denied:
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      break;
  }
  return failure_error(protocol);
}

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const Error& error) {
  auto response = answer_with(route, request, wire_error(error, route.protocol));
  if (error.aws_code().empty()) response.cause = error.message();
  return response;
}

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const Json& output) {
  aws::ServerResponse response;
  response.headers = {{"Content-Type", std::string(route.service->content_type)}};
  if (route.protocol != Protocol::query) {
    response.body = json_text(output);
    return response;
  }
  response.body =
      fmt::format("<{}Response xmlns=\"{}\">", route.operation, route.service->query_namespace);
  append_member(response.body, route.operation + "Result", output);
  response.body += "<ResponseMetadata>";
  aws::append_element(response.body, "RequestId", request.request_id);
  response.body += fmt::format("</ResponseMetadata></{}Response>", route.operation);
  return response;
}

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const WireError& error) {
  return error_answer(route, request, error, {});
}

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const access::AuthFailure& failure) {
  auto response = error_answer(route, request, {failure.status, failure.code, failure.message},
                               failure.details);
  response.access_key_id = failure.access_key_id;
  return response;
}

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                aws::HttpFault fault) {
  return error_answer(route, request, fault_error(fault, route.protocol), {});
}

}  // namespace cairn::api
