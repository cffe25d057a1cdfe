#include "api/api.h"

#include "api/answer.h"
#include "api/call_record.h"
#include "api/decode.h"
#include "api/rights.h"
#include "api/s3/s3_record.h"
#include "api/s3/s3_request.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace cairn::api {
namespace {

constexpr uint64_t kBucketBodyMax = 64 << 10;  // the S3 face only reads

access::ErrorStyle style_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::json:
    case Protocol::rest_json:
      return access::ErrorStyle::json;
    case Protocol::query:
      return access::ErrorStyle::query;
    case Protocol::s3:
      return access::ErrorStyle::s3;
  }
  return access::ErrorStyle::json;
}

bool needs_length(std::string_view method) {
  return method == "POST" || method == "PUT";
}

}  // namespace

Api::Api(ApiOptions options, Features features, const io::Clock& clock, io::Random& random)
    : options_(std::move(options)),
      features_(std::move(features)),
      clock_(clock),
      random_(random) {}

Result<std::unique_ptr<Api>> Api::create(ApiOptions options, Features features,
                                         const io::Clock& clock, io::Random& random) {
  std::unique_ptr<Api> api(new Api(std::move(options), std::move(features), clock, random));
  for (const auto& service : services()) {
    if (service.model_text.empty()) continue;
    auto model = ServiceModel::parse(service.model_text);
    if (!model.ok())
      return Error{ErrorKind::internal, fmt::format("the model of {}: {}", service.signing_name,
                                                    model.error().message())};
    for (const auto& operation : service.operations)
      if (model.value().find(operation.name) == nullptr)
        return Error{ErrorKind::internal,
                     fmt::format("{} has no operation {}", service.signing_name, operation.name)};
    api->models_.emplace(&service, std::move(model).value());
  }
  return api;
}

uint64_t Api::body_bytes_max(const aws::ServerRequest& head) {
  const auto path = options_.path_body_bytes_max.find(head.path());
  if (path != options_.path_body_bytes_max.end()) return path->second;
  const auto route = find_route(head, "");
  if (route.service != nullptr) return route.service->body_bytes_max;
  return route.protocol == Protocol::s3 && !needs_length(head.method) ? kBucketBodyMax : 1 << 20;
}

aws::ServerResponse Api::refuse(aws::HttpFault fault, const aws::ServerRequest& head) {
  return answer_with(find_route(head, ""), head, fault);
}

aws::ServerResponse Api::handle(aws::ServerRequest request) {
  const auto path = options_.paths.find(request.path());
  // Signed, of a host that names a bucket: an object of that name.
  const bool object = access::is_signed(request) && !bucket_in_host(request).empty();
  if (path != options_.paths.end() && !object) return path->second(request);
  const auto route = find_route(request, is_form(request) ? request.body : "");
  auto response = call_operation(route, request);
  if (response.service.empty() && route.service != nullptr)
    response.service = route.service->signing_name;
  if (response.operation.empty() && route.service != nullptr &&
      find_operation(*route.service, route.operation) != nullptr)
    response.operation = route.operation;  // a name of ours: what clients make up would be a
                                           // metric's label
  return response;
}

aws::ServerResponse Api::call_operation(const Route& route, const aws::ServerRequest& request) {
  const bool bucket = route.protocol == Protocol::s3;
  const auto service = bucket                     ? std::string_view("s3")
                       : route.service == nullptr ? std::string_view()
                                                  : route.service->signing_name;
  auto result = options_.authenticate(request, service, style_of(route.protocol));
  if (const auto* const failure = std::get_if<access::AuthFailure>(&result))
    return answer_with(route, request, *failure);
  const auto& who = std::get<access::Authenticated>(result);
  aws::ServerResponse response;
  if (bucket && options_.buckets != nullptr) {
    response = call_bucket(who.caller, request);
  } else if (route.service == nullptr) {
    response = answer_with(
        route, request,
        WireError{bucket ? 501 : 400, bucket ? "NotImplemented" : "UnknownOperationException",
                  "The service or operation is not known here."});
  } else {
    const auto* const operation = find_operation(*route.service, route.operation);
    Call call{.caller = who.caller,
              .service = route.service->signing_name,
              .operation = route.operation,
              .region = who.region,
              .request_id = request.request_id,
              .now_us = clock_.now_us(),
              .http = request};
    const auto output = run(route, operation, call, who.body);
    if (operation != nullptr) record(route, *operation, call, output);
    if (!output.ok() && options_.report_error && !is_told(output.error()))
      options_.report_error(request.request_id, output.error());
    response = output.ok()
                   ? answer_with(route, request, output.value())
                   : answer_with(route, request, wire_error(output.error(), route.protocol));
  }
  response.access_key_id = who.caller.access_key_id;
  return response;
}

aws::ServerResponse Api::call_bucket(const access::Caller& caller,
                                     const aws::ServerRequest& request) {
  const auto& face = *options_.buckets;
  const auto asked = face.read(caller, request);
  auto response = face.handle(caller, asked, request);
  if (asked.call.management && options_.record_call)
    keep_record(request.request_id, s3_call_record({.caller = caller,
                                                    .call = asked.call,
                                                    .asked = asked.request,
                                                    .http = request,
                                                    .response = response,
                                                    .region = face.region(),
                                                    .now_us = clock_.now_us(),
                                                    .event_id = io::make_uuid(random_)}));
  return response;
}

Result<Json> Api::run(const Route& route, const Operation* operation, Call& call,
                      const std::string& body) {
  if (operation == nullptr)
    return Error{ErrorKind::invalid_argument, "The operation is not known.",
                 route.protocol == Protocol::query ? "InvalidAction" : "UnknownOperationException"};
  call.input = CAIRN_TRY(decode_input(route, call.http, body));
  CAIRN_TRY(check_right(call, *operation));
  if (const auto model = models_.find(route.service); model != models_.end()) {
    const auto* const shape = model->second.find(operation->name);
    const auto misfits = find_misfits(shape->input, call.input);
    if (!misfits.empty()) return misfit_error(*shape, misfits);
  }
  if (operation->run == nullptr)
    return Error{ErrorKind::unimplemented, "The requested operation is not supported.",
                 "UnsupportedOperationException"};
  CAIRN_TRY(check_things(features_, call, *operation));
  return operation->run(features_, call);
}

void Api::record(const Route& route, const Operation& operation, const Call& call,
                 const Result<Json>& result) {
  if (!operation.recorded || !options_.record_call) return;
  CallEnd end;
  if (result.ok()) {
    end.output = &result.value();
  } else {
    auto error = wire_error(result.error(), route.protocol);
    end.error_code = std::move(error.code);
    end.error_message = std::move(error.message);
  }
  keep_record(call.request_id,
              call_record(*route.service, operation, call, end, io::make_uuid(random_)));
}

void Api::keep_record(std::string_view request_id, std::string record) const {
  const auto kept = options_.record_call(std::move(record));
  if (!kept.ok() && options_.report_error)
    options_.report_error(std::string(request_id), kept.error());
}

}  // namespace cairn::api
