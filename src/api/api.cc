#include "api/api.h"

#include "api/answer.h"
#include "api/call_record.h"
#include "api/decode.h"
#include "api/rights.h"
#include "api/s3/s3_object.h"
#include "api/s3/s3_record.h"
#include "api/s3/s3_request.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace cairn::api {
namespace {

constexpr uint64_t kBucketBodyMax = 64 << 10;  // the S3 face only reads
constexpr int kRetryAfterSeconds = 2;

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

/// The service that a signature has to be for; "" when the request does not tell.
std::string_view signing_service(const Route& route) {
  if (route.protocol == Protocol::s3) return "s3";
  return route.service == nullptr ? std::string_view() : route.service->signing_name;
}

/// Says when a client may try again.
aws::ServerResponse with_retry_after(aws::ServerResponse response) {
  if (response.status == 503)
    response.headers.push_back({"Retry-After", std::to_string(kRetryAfterSeconds)});
  return response;
}

/// Names in the log and the metrics are ours: what clients make up would be a metric's label.
void name_operation(const Route& route, aws::ServerResponse& response) {
  if (route.service == nullptr) return;
  if (response.service.empty()) response.service = route.service->signing_name;
  if (response.operation.empty() && find_operation(*route.service, route.operation) != nullptr)
    response.operation = route.operation;
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
  const auto refusal = options_.path_refusals.find(head.path());
  if (refusal == options_.path_refusals.end())
    return with_retry_after(answer_with(find_route(head, ""), head, fault));
  const auto error = fault_error(fault, Protocol::rest_json);
  return with_retry_after(refusal->second(head, error.status, error.message));
}

void Api::report(const aws::ServerRequest& head, std::string_view fault) {
  if (options_.report_error)
    options_.report_error(head.request_id, Error{ErrorKind::internal, std::string(fault)});
}

const PathHandler* Api::path_handler(const aws::ServerRequest& request) const {
  const auto path = options_.paths.find(request.path());
  // Signed, of a host that names a bucket: an object of that name.
  const bool object = access::is_signed(request) && !bucket_in_host(request).empty();
  return path != options_.paths.end() && !object ? &path->second : nullptr;
}

std::optional<aws::ServerResponse> Api::check_head(const aws::ServerRequest& head) {
  auto refusal = refuse_head(head);
  if (!refusal) return std::nullopt;
  if (!refusal->cause.empty()) report(head, refusal->cause);
  return with_retry_after(*std::move(refusal));
}

std::optional<aws::ServerResponse> Api::refuse_head(const aws::ServerRequest& head) {
  if (path_handler(head) != nullptr) {
    const auto check = options_.path_head_checks.find(head.path());
    return check == options_.path_head_checks.end() ? std::nullopt : check->second(head);
  }
  if (!options_.authenticate_head) return std::nullopt;
  const auto route = find_route(head, "");
  const auto failure =
      options_.authenticate_head(head, signing_service(route), style_of(route.protocol));
  if (!failure) return std::nullopt;
  auto response = answer_with(route, head, *failure);
  name_operation(route, response);
  return response;
}

aws::ServerResponse Api::handle(aws::ServerRequest request) {
  const auto* const path = path_handler(request);
  const auto route = find_route(request, is_form(request) ? request.body : "");
  auto response = path != nullptr ? (*path)(request) : call_operation(route, request);
  if (path == nullptr) name_operation(route, response);
  if (!response.cause.empty()) report(request, response.cause);
  return with_retry_after(std::move(response));
}

aws::ServerResponse Api::call_operation(const Route& route, const aws::ServerRequest& request) {
  const bool bucket = route.protocol == Protocol::s3;
  auto result = options_.authenticate(request, signing_service(route), style_of(route.protocol));
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
    const auto output = run_recorded(route, operation, call, who.body);
    response = output.ok() ? answer_with(route, request, output.value())
                           : answer_with(route, request, output.error());
  }
  response.access_key_id = who.caller.access_key_id;
  return response;
}

aws::ServerResponse Api::call_bucket(const access::Caller& caller,
                                     const aws::ServerRequest& request) {
  const auto& face = *options_.buckets;
  const auto asked = face.read(caller, request);
  if (!asked.call.management || !options_.book_record) return face.handle(caller, asked, request);
  const auto write = options_.book_record();
  if (!write.ok()) return s3_refusal(request, write.error());
  auto response = face.handle(caller, asked, request);
  const auto kept = keep_record(asked.call.operation, write.value(),
                                s3_call_record({.caller = caller,
                                                .call = asked.call,
                                                .asked = asked.request,
                                                .http = request,
                                                .response = response,
                                                .region = face.region(),
                                                .now_us = clock_.now_us(),
                                                .event_id = io::make_uuid(random_)}));
  if (!kept.ok()) return s3_refusal(request, kept.error());
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

// A call without a record must not happen: its space is booked first. Where the record cannot be
// written all the same (a disk that breaks or becomes read-only), the answer is withheld.
Result<Json> Api::run_recorded(const Route& route, const Operation* operation, Call& call,
                               const std::string& body) {
  if (operation == nullptr || !operation->recorded || !options_.book_record)
    return run(route, operation, call, body);
  const WriteRecord write = CAIRN_TRY(options_.book_record());
  auto output = run(route, operation, call, body);
  CAIRN_TRY(record(route, *operation, call, output, write));
  return output;
}

Status Api::record(const Route& route, const Operation& operation, const Call& call,
                   const Result<Json>& result, const WriteRecord& write) {
  CallEnd end;
  if (result.ok()) {
    end.output = &result.value();
  } else {
    auto error = wire_error(result.error(), route.protocol);
    end.error_code = std::move(error.code);
    end.error_message = std::move(error.message);
  }
  return keep_record(operation.name, write,
                     call_record(*route.service, operation, call, end, io::make_uuid(random_)));
}

Status Api::keep_record(std::string_view operation, const WriteRecord& write,
                        const std::string& record) {
  auto kept = write(record);
  if (kept.ok()) return kept;
  return Error{ErrorKind::unavailable, kept.error().message()}.context(
      fmt::format("{} was carried out, but its record could not be kept", operation));
}

}  // namespace cairn::api
