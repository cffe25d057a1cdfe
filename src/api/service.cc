#include "api/service.h"

#include "api/cloudtrail/model.h"
#include "api/operations.h"
#include "aws/uri.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace cairn::api {
namespace {

constexpr std::string_view kJson11 = "application/x-amz-json-1.1";

const std::array<Service, 6>& table() {
  static const std::array<Service, 6> kServices = {{
      {.signing_name = "cloudtrail",
       .event_source = "cloudtrail.amazonaws.com",
       .target = "CloudTrail_20131101",
       .content_type = kJson11,
       .operations = cloudtrail_operations(),
       .model_text = kCloudTrailModel},
      {.signing_name = "cloudtrail-data",
       .event_source = "cloudtrail-data.amazonaws.com",
       .protocol = Protocol::rest_json,
       .content_type = "application/json",
       .operations = cloudtrail_data_operations(),
       .model_text = kCloudTrailDataModel,
       .body_bytes_max = 8 << 20},
      {.signing_name = "sts",
       .event_source = "sts.amazonaws.com",
       .protocol = Protocol::query,
       .content_type = "text/xml",
       .query_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
       .query_version = "2011-06-15",
       .operations = sts_operations()},
      {.signing_name = "organizations",
       .event_source = "organizations.amazonaws.com",
       .target = "AWSOrganizationsV20161128",
       .content_type = kJson11,
       .operations = organizations_operations()},
      {.signing_name = "firehose",
       .event_source = "firehose.amazonaws.com",
       .target = "Firehose_20150804",
       .content_type = kJson11,
       .operations = firehose_operations(),
       .body_bytes_max = 8 << 20},
      {.signing_name = "events",
       .event_source = "events.amazonaws.com",
       .target = "AWSEvents",
       .content_type = kJson11,
       .operations = events_operations(),
       .body_bytes_max = 2 << 20},
  }};
  return kServices;
}

const Service* by_signing_name(std::string_view name) {
  for (const auto& service : table())
    if (service.signing_name == name) return &service;
  return nullptr;
}

// The value of `name` in `a=1&b=2`, decoded.
std::string parameter(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const auto pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return aws::form_decode(pair.substr(equals + 1));
  }
  return "";
}

// X-Amz-Target is `SERVICE.OPERATION`. botocore writes a package before the service's name, for
// instance `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail`; the SDKs for Go,
// JavaScript, Java and Rust do not.
Route route_of_target(std::string_view target) {
  const auto dot = target.rfind('.');
  Route route{nullptr, std::string(target.substr(dot == target.npos ? 0 : dot + 1)),
              Protocol::json};
  if (dot == target.npos) return route;
  const auto prefix = target.substr(0, dot);
  const auto name = prefix.substr(prefix.rfind('.') + 1);
  for (const auto& service : table())
    if (!service.target.empty() && service.target == name) route.service = &service;
  return route;
}

}  // namespace

std::span<const Service> services() {
  return table();
}

bool is_form(const aws::ServerRequest& request) {
  const auto type = aws::find_header(request.headers, "content-type");
  return equals_ignoring_case(type.substr(0, type.find(';')), "application/x-www-form-urlencoded");
}

Route find_route(const aws::ServerRequest& request, std::string_view form_body) {
  if (const auto target = aws::find_header(request.headers, "x-amz-target"); !target.empty())
    return route_of_target(target);
  if (request.path() == "/PutAuditEvents")
    return {by_signing_name("cloudtrail-data"), "PutAuditEvents", Protocol::rest_json};
  if (is_form(request) || !parameter(request.query(), "Action").empty()) {
    const auto parameters = form_body.empty() ? request.query() : form_body;
    const auto version = parameter(parameters, "Version");
    for (const auto& service : table())
      if (service.protocol == Protocol::query && service.query_version == version)
        return {&service, parameter(parameters, "Action"), Protocol::query};
    return {nullptr, parameter(parameters, "Action"), Protocol::query};
  }
  return {nullptr, "", Protocol::s3};
}

const Operation* find_operation(const Service& service, std::string_view name) {
  for (const auto& operation : service.operations)
    if (operation.name == name) return &operation;
  return nullptr;
}

}  // namespace cairn::api
