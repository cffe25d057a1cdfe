#include "api/s3/s3_face.h"

#include "access/rights.h"
#include "api/answer.h"
#include "api/s3/s3_bucket.h"
#include "api/s3/s3_list.h"
#include "api/s3/s3_object.h"
#include "api/s3/s3_sight.h"
#include "aws/xml_text.h"
#include "base/base64.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace cairn::api {
namespace {

using aws::ServerRequest;
using aws::ServerResponse;

constexpr size_t kBucketsMax = 10'000;

ServerResponse denied(const ServerRequest& request) {
  return s3_refusal(request, 403, "AccessDenied", "Access Denied");
}

ServerResponse xml(std::string body) {
  ServerResponse response;
  response.headers = {{"Content-Type", "application/xml"}};
  response.body = std::move(body);
  return response;
}

ServerResponse setting(const ServerRequest& request, SettingAnswer answer) {
  if (answer.status == 200) return xml(std::move(answer.xml));
  return s3_refusal(request, answer.status, std::move(answer.code), std::move(answer.message));
}

ServerResponse no_such_bucket(const ServerRequest& request, const S3Request& asked) {
  return s3_refusal(request, 404, "NoSuchBucket", "The specified bucket does not exist",
                    {{"BucketName", asked.bucket}});
}

}  // namespace

S3Request S3Face::read_request(const access::Caller& caller, const ServerRequest& request) const {
  const auto host_bucket = bucket_in_host(request);
  auto asked = read_s3_request(request, host_bucket);
  if (host_bucket.empty()) return asked;
  const auto store = shelf_.open(host_bucket);
  if (store.ok() && rights_.knows_of(caller, host_bucket, *store.value())) return asked;
  // A host like `name.localhost` may be this service's own; then the path names the bucket.
  auto in_path = read_s3_request(request);
  const bool of_service = in_path.query.empty() || in_path.value("x-id") == "ListBuckets";
  const bool names_none = in_path.bucket.empty() && (request.method != "GET" || !of_service);
  return names_none ? asked : in_path;
}

S3Face::Asked S3Face::read(const access::Caller& caller, const ServerRequest& request) const {
  auto asked = read_request(caller, request);
  const auto call = find_s3_call(request.method, asked);
  return {.request = std::move(asked), .call = call};
}

ServerResponse S3Face::handle(const access::Caller& caller, const Asked& asked,
                              const ServerRequest& request) const {
  auto response = answer(caller, asked.request, asked.call, request);
  response.service = "s3";
  response.operation = asked.call.operation;
  response.headers.push_back({"x-amz-request-id", request.request_id});
  if (!asked.request.bucket.empty() && response.error_code != "NoSuchBucket")
    response.headers.push_back({"x-amz-bucket-region", region_});
  return response;
}

ServerResponse S3Face::answer(const access::Caller& caller, const S3Request& asked,
                              const S3Call& call, const ServerRequest& request) const {
  if (!access::may(caller.role, access::Right::read_events)) return denied(request);
  if (call.operation == "CreateBucket") return create_bucket(caller, asked, request);
  if (request.method != "GET" && request.method != "HEAD")
    return s3_refusal(request, 405, "MethodNotAllowed",
                      "The specified method is not allowed against this resource.");
  if (asked.bucket.empty()) return list_buckets(caller, asked, request);
  auto store = shelf_.open(asked.bucket);
  if (!store.ok() && store.error().kind() == ErrorKind::not_found)
    return no_such_bucket(request, asked);
  if (!store.ok()) return s3_refusal(request, store.error());
  const Place at{
      .store = std::move(store).value(), .caller = caller, .asked = asked, .request = request};
  return asked.key.empty() ? read_bucket(at) : read_object(at);
}

ServerResponse S3Face::create_bucket(const access::Caller& caller, const S3Request& asked,
                                     const ServerRequest& request) const {
  constexpr auto kRight = access::Right::change_configuration;
  if (!access::may(caller.role, kRight) ||
      access::judge(caller, kRight, {.account = caller.account}) != access::Verdict::allowed)
    return denied(request);
  // Keys of all accounts make buckets for all.
  const auto owner = caller.accounts.empty() ? std::string() : caller.account;
  const auto made = shelf_.create(asked.bucket, owner);
  if (!made.ok() && made.error().kind() == ErrorKind::already_exists) {
    const auto store = shelf_.open(asked.bucket);
    if (store.ok() && rights_.knows_of(caller, asked.bucket, *store.value()))
      return s3_refusal(request, 409, "BucketAlreadyOwnedByYou",
                        "Your previous request to create the named bucket succeeded and you "
                        "already own it.");
    return s3_refusal(request, 409, "BucketAlreadyExists",
                      "The requested bucket name is not available. The bucket namespace is shared "
                      "by all users of the system. Please select a different name and try again.");
  }
  if (!made.ok()) return s3_refusal(request, made.error());
  ServerResponse response;
  response.headers = {{"Location", '/' + asked.bucket}};
  return response;
}

ServerResponse S3Face::list_buckets(const access::Caller& caller, const S3Request& asked,
                                    const ServerRequest& request) const {
  size_t wanted = kBucketsMax;
  if (const auto text = asked.value("max-buckets"); !text.empty()) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    if (code != std::errc() || end != text.data() + text.size() || wanted < 1 ||
        wanted > kBucketsMax)
      return s3_refusal(request, 400, "InvalidArgument",
                        "Argument max-buckets must be an integer between 1 and 10000");
  }
  const auto after = decode_base64(asked.value("continuation-token"));
  if (!after)
    return s3_refusal(request, 400, "InvalidArgument",
                      "The continuation token provided is incorrect");
  const auto prefix = asked.value("prefix");
  const auto region = asked.value("bucket-region");
  std::string body = "<Owner><ID>cairn</ID></Owner><Buckets>";
  size_t listed = 0;
  std::string last;
  for (const auto& bucket : shelf_.list()) {
    if (bucket.name <= *after || !bucket.name.starts_with(prefix)) continue;
    if (!region.empty() && region != region_) continue;
    const auto store = shelf_.open(bucket.name);
    if (!store.ok() || !rights_.knows_of(caller, bucket.name, *store.value())) continue;
    if (listed++ == wanted) break;
    last = bucket.name;
    body += "<Bucket>";
    aws::append_element(body, "Name", bucket.name);
    aws::append_element(body, "CreationDate", aws::s3_instant(bucket.created_us));
    aws::append_element(body, "BucketRegion", region_);
    body += "</Bucket>";
  }
  body += "</Buckets>";
  if (!prefix.empty()) aws::append_element(body, "Prefix", prefix);
  if (listed > wanted) aws::append_element(body, "ContinuationToken", encode_base64(last));
  return xml(aws::s3_document("ListAllMyBucketsResult", body));
}

bool S3Face::knows_of(const Place& at) const {
  return rights_.knows_of(at.caller, at.asked.bucket, *at.store);
}

ServerResponse S3Face::read_bucket(const Place& at) const {
  if (!knows_of(at)) return no_such_bucket(at.request, at.asked);
  if (auto answer = bucket_setting(at.asked, region_))
    return setting(at.request, *std::move(answer));
  if (at.request.method == "HEAD") {
    auto response = xml("");
    response.headers.push_back({"x-amz-access-point-alias", "false"});
    return response;
  }
  const Sight sight(at.caller);
  const Listed from{.store = *at.store, .sight = sight, .etags = etags_};
  auto listed =
      at.asked.has("versions") ? list_versions(from, at.asked) : list_objects(from, at.asked);
  return listed.ok() ? xml(std::move(listed).value()) : s3_refusal(at.request, listed.error());
}

ServerResponse S3Face::read_object(const Place& at) const {
  if (at.asked.key.size() > kKeyBytesMax && knows_of(at))
    return s3_refusal(at.request, 400, "KeyTooLongError", "Your key is too long",
                      {{"Size", std::to_string(at.asked.key.size())},
                       {"MaxSizeAllowed", std::to_string(kKeyBytesMax)}});
  const bool seen = Sight(at.caller).sees(at.asked.key);
  // A key that could be seen, of an object that is there, proves that the bucket is known.
  if (!seen && !knows_of(at)) return no_such_bucket(at.request, at.asked);
  if (!seen) return denied(at.request);
  auto response =
      get_object({.store = at.store, .etags = etags_, .asked = at.asked, .request = at.request});
  if (!response.error_code.empty() && !knows_of(at)) return no_such_bucket(at.request, at.asked);
  return response;
}

}  // namespace cairn::api
