#include "api/s3/s3_face.h"

#include "access/rights.h"
#include "api/answer.h"
#include "api/s3/s3_bucket.h"
#include "api/s3/s3_list.h"
#include "api/s3/s3_object.h"
#include "aws/xml_text.h"

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

/// Is there anything in the bucket that is seen?
bool sees_anything(io::ObjectStore& store, const Sight& sight) {
  if (sight.sees_all()) return true;
  bool found = false;
  std::string after;
  for (bool leaps = true; leaps;) {
    leaps = false;
    const auto listed = store.list("", after, [&](const io::ObjectInfo& info) {
      found = sight.sees(info.key);
      if (found) return false;
      auto behind = sight.behind(info.key);
      leaps = behind != info.key;
      if (leaps) after = std::move(behind);
      return !leaps;
    });
    if (!listed.ok()) return false;
  }
  return found;
}

}  // namespace

S3Request S3Face::read_request(const ServerRequest& request) const {
  const auto host_bucket = bucket_in_host(request);
  auto asked = read_s3_request(request, host_bucket);
  if (host_bucket.empty() || shelf_.open(host_bucket).ok()) return asked;
  // A host like `name.localhost` may be this service's own; then the path names the bucket.
  auto in_path = read_s3_request(request);
  const bool of_service = in_path.query.empty() || in_path.value("x-id") == "ListBuckets";
  const bool names_none = in_path.bucket.empty() && (request.method != "GET" || !of_service);
  return names_none ? asked : in_path;
}

ServerResponse S3Face::handle(const access::Caller& caller, const ServerRequest& request) const {
  const auto asked = read_request(request);
  auto response = answer(caller, asked, request);
  response.headers.push_back({"x-amz-request-id", request.request_id});
  if (!asked.bucket.empty() && response.error_code != "NoSuchBucket")
    response.headers.push_back({"x-amz-bucket-region", region_});
  return response;
}

ServerResponse S3Face::answer(const access::Caller& caller, const S3Request& asked,
                              const ServerRequest& request) const {
  if (!access::may(caller.role, access::Right::read_events)) return denied(request);
  if (request.method == "PUT" && asked.key.empty() && !asked.bucket.empty() &&
      (asked.query.empty() || asked.value("x-id") == "CreateBucket"))
    return create_bucket(caller, asked, request);
  if (request.method != "GET" && request.method != "HEAD")
    return s3_refusal(request, 405, "MethodNotAllowed",
                      "The specified method is not allowed against this resource.");
  const Sight sight(caller);
  if (asked.bucket.empty()) return list_buckets(caller, sight, asked, request);
  auto store = shelf_.open(asked.bucket);
  if (!store.ok() && store.error().kind() == ErrorKind::not_found)
    return s3_refusal(request, 404, "NoSuchBucket", "The specified bucket does not exist",
                      {{"BucketName", asked.bucket}});
  if (!store.ok()) return s3_refusal(request, store.error());
  const Place at{.store = std::move(store).value(),
                 .sight = sight,
                 .caller = caller,
                 .asked = asked,
                 .request = request};
  return asked.key.empty() ? read_bucket(at) : read_object(at);
}

ServerResponse S3Face::create_bucket(const access::Caller& caller, const S3Request& asked,
                                     const ServerRequest& request) const {
  if (!access::may(caller.role, access::Right::change_configuration)) return denied(request);
  const auto made = shelf_.create(asked.bucket);
  if (!made.ok() && made.error().kind() == ErrorKind::already_exists)
    return s3_refusal(request, 409, std::string(made.error().aws_code()), made.error().message());
  if (!made.ok()) return s3_refusal(request, made.error());
  ServerResponse response;
  response.headers = {{"Location", '/' + asked.bucket}};
  return response;
}

ServerResponse S3Face::list_buckets(const access::Caller& caller, const Sight& sight,
                                    const S3Request& asked, const ServerRequest& request) const {
  size_t wanted = kBucketsMax;
  if (const auto text = asked.value("max-buckets"); !text.empty()) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    if (code != std::errc() || end != text.data() + text.size() || wanted < 1 ||
        wanted > kBucketsMax)
      return s3_refusal(request, 400, "InvalidArgument",
                        "Argument max-buckets must be an integer between 1 and 10000");
  }
  const ListTokens tokens(tokens_, "s3:ListAllMyBuckets", caller.arn);
  const auto after = asked.has("continuation-token")
                         ? tokens.open(asked.value("continuation-token"))
                         : std::optional<std::string>("");
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
    if (!store.ok() || !sees_anything(*store.value(), sight)) continue;
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
  if (listed > wanted) aws::append_element(body, "ContinuationToken", tokens.seal(last));
  return xml(aws::s3_document("ListAllMyBucketsResult", body));
}

ServerResponse S3Face::read_bucket(const Place& at) const {
  if (auto answer = bucket_setting(at.asked, region_))
    return setting(at.request, *std::move(answer));
  if (at.request.method == "HEAD") {
    auto response = xml("");
    response.headers.push_back({"x-amz-access-point-alias", "false"});
    return response;
  }
  const ListTokens tokens(tokens_, "s3:ListBucket", at.caller.arn, at.asked.bucket);
  const Listed from{.store = *at.store, .sight = at.sight, .etags = etags_, .tokens = tokens};
  auto listed =
      at.asked.has("versions") ? list_versions(from, at.asked) : list_objects(from, at.asked);
  return listed.ok() ? xml(std::move(listed).value()) : s3_refusal(at.request, listed.error());
}

ServerResponse S3Face::read_object(const Place& at) const {
  if (at.asked.key.size() > kKeyBytesMax)
    return s3_refusal(at.request, 400, "KeyTooLongError", "Your key is too long",
                      {{"Size", std::to_string(at.asked.key.size())},
                       {"MaxSizeAllowed", std::to_string(kKeyBytesMax)}});
  if (!at.sight.sees(at.asked.key)) return denied(at.request);
  return get_object({.store = at.store, .etags = etags_, .asked = at.asked, .request = at.request});
}

}  // namespace cairn::api
