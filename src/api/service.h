// The services on the one port, and which of them a request is for.
#pragma once

#include "api/operation.h"
#include "api/shape.h"
#include "aws/http_message.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::api {

enum class Protocol : uint8_t {
  json,       ///< AWS JSON 1.0 and 1.1: X-Amz-Target names the operation
  rest_json,  ///< the path names it
  query,      ///< Action= in a form names it; answers are XML
  s3,         ///< rest-xml
};

/// One service: its wire form and its operations.
struct Service {
  std::string_view signing_name{};  ///< "cloudtrail"
  std::string_view event_source{};  ///< "cloudtrail.amazonaws.com"
  Protocol protocol = Protocol::json;
  std::string_view target{};        ///< the service's name in X-Amz-Target: "CloudTrail_20131101"
  std::string_view content_type{};  ///< of answers
  std::string_view query_namespace{};
  std::string_view query_version{};
  std::span<const Operation> operations{};
  std::string_view model_text{};  ///< notation of api/shape.h; empty: inputs are not checked
  uint64_t body_bytes_max = 1 << 20;
};

/// All of them, in one place.
std::span<const Service> services();

/// What a request asks for. `service` is null when the server has none such.
struct Route {
  const Service* service = nullptr;
  std::string operation{};  ///< as the request names it; may be unknown
  Protocol protocol = Protocol::json;
};

/// `form_body`: the body, when it is a form (Content-Type); may be empty while only the head is
/// there.
Route find_route(const aws::ServerRequest& request, std::string_view form_body);

/// Null when the service has no such operation.
const Operation* find_operation(const Service& service, std::string_view name);

/// `application/x-www-form-urlencoded`, with or without parameters.
bool is_form(const aws::ServerRequest& request);

}  // namespace cairn::api
