#include "api/s3/s3_face.h"

#include "access/rights.h"
#include "api/answer.h"
#include "api/s3/s3_list.h"
#include "api/s3/s3_request.h"
#include "aws/xml_text.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::api {
namespace {

using aws::ServerRequest;
using aws::ServerResponse;

constexpr uint64_t kInlineBytesMax = 1 << 20;
constexpr uint64_t kPieceBytes = 1 << 20;

const Route kRoute{.protocol = Protocol::s3};

ServerResponse refuse(const ServerRequest& request, int status, std::string code,
                      std::string message) {
  return answer_with(kRoute, request, WireError{status, std::move(code), std::move(message)});
}

ServerResponse refuse(const ServerRequest& request, const Error& error) {
  if (error.kind() == ErrorKind::not_found && error.aws_code().empty())
    return refuse(request, 404, "NoSuchKey", "The specified key does not exist.");
  if (error.kind() == ErrorKind::invalid_argument && error.aws_code().empty())
    return refuse(request, 400, "InvalidArgument", error.message());
  return answer_with(kRoute, request, wire_error(error, Protocol::s3));
}

ServerResponse denied(const ServerRequest& request) {
  return refuse(request, 403, "AccessDenied", "Access Denied");
}

ServerResponse xml(std::string body) {
  ServerResponse response;
  response.headers = {{"Content-Type", "application/xml"}};
  response.body = std::move(body);
  return response;
}

/// Part of an object, a piece at a time.
class ObjectPart final : public aws::BodySource {
 public:
  ObjectPart(std::shared_ptr<io::ObjectStore> store, std::string key, ByteRange range)
      : store_(std::move(store)), key_(std::move(key)), range_(range) {}

  Result<std::string> next() override {
    if (range_.length == 0) return std::string();
    const auto wanted = std::min(range_.length, kPieceBytes);
    auto piece = CAIRN_TRY(store_->get_range(key_, range_.first, wanted));
    if (piece.size() != wanted)
      return Error{ErrorKind::unavailable, "the object became shorter while it was read"};
    range_.first += wanted;
    range_.length -= wanted;
    return piece;
  }

 private:
  std::shared_ptr<io::ObjectStore> store_;
  std::string key_;
  ByteRange range_;
};

/// Does a list of ETags name it?
bool names_etag(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  while (!list.empty()) {
    auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"')
      one = one.substr(1, one.size() - 2);
    if (one == etag) return true;
  }
  return false;
}

std::string whole_seconds_date(const io::ObjectInfo& info) {
  return http_date(info.modified_us - info.modified_us % kMicrosPerSecond);
}

/// 200, 304 or 412. RFC 9110 §13.2.2; dates are compared as texts that clients give back.
int condition_status(const aws::Headers& headers, const io::ObjectInfo& info,
                     std::string_view etag) {
  const auto if_match = aws::find_header(headers, "if-match");
  if (!if_match.empty() && !names_etag(if_match, etag)) return 412;
  const auto if_none = aws::find_header(headers, "if-none-match");
  if (!if_none.empty()) return names_etag(if_none, etag) ? 304 : 200;
  const auto since = aws::find_header(headers, "if-modified-since");
  return !since.empty() && since == whole_seconds_date(info) ? 304 : 200;
}

void add_attributes(const io::ObjectAttributes& attributes, const S3Request& asked,
                    aws::Headers& headers) {
  static constexpr std::array<std::pair<const char*, const char*>, 6> kOverrides = {
      {{"response-content-type", "Content-Type"},
       {"response-content-encoding", "Content-Encoding"},
       {"response-content-disposition", "Content-Disposition"},
       {"response-content-language", "Content-Language"},
       {"response-cache-control", "Cache-Control"},
       {"response-expires", "Expires"}}};
  for (const auto& [parameter, name] : kOverrides) {
    auto value = asked.value(parameter);
    if (value.empty() && std::string_view(name) == "Content-Type")
      value = attributes.content_type.empty() ? "binary/octet-stream" : attributes.content_type;
    if (value.empty() && std::string_view(name) == "Content-Encoding")
      value = attributes.content_encoding;
    if (!value.empty()) headers.push_back({name, value});
  }
  for (const auto& [name, value] : attributes.metadata)
    headers.push_back({"x-amz-meta-" + name, value});
}

ServerResponse get_object(const std::shared_ptr<io::ObjectStore>& store, const S3Request& asked,
                          const ServerRequest& request) {
  const auto info = store->head(asked.key);
  if (!info.ok()) return refuse(request, info.error());
  const auto attributes = store->attributes(asked.key);
  if (!attributes.ok()) return refuse(request, attributes.error());
  const auto etag = etag_of(info.value());
  ServerResponse response;
  response.headers = {{"ETag", '"' + etag + '"'},
                      {"Last-Modified", whole_seconds_date(info.value())},
                      {"Accept-Ranges", "bytes"}};
  const int status = condition_status(request.headers, info.value(), etag);
  if (status == 412)
    return refuse(request, 412, "PreconditionFailed",
                  "At least one of the pre-conditions you specified did not hold");
  response.status = status;
  if (status == 304) return response;
  add_attributes(attributes.value(), asked, response.headers);
  const auto size = info.value().size_bytes;
  ByteRange range{.first = 0, .length = size};
  switch (read_range(aws::find_header(request.headers, "range"), size, range)) {
    case RangeKind::all:
      break;
    case RangeKind::unsatisfiable:
      return refuse(request, 416, "InvalidRange", "The requested range is not satisfiable");
    case RangeKind::part:
      response.status = 206;
      response.headers.push_back(
          {"Content-Range",
           fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, size)});
      break;
  }
  if (request.method == "HEAD") {
    response.headers.push_back({"Content-Length", std::to_string(range.length)});
    return response;
  }
  if (range.length > kInlineBytesMax) {
    response.stream_bytes = range.length;
    response.stream = std::make_unique<ObjectPart>(store, asked.key, range);
    return response;
  }
  auto bytes = store->get_range(asked.key, range.first, range.length);
  if (!bytes.ok()) return refuse(request, bytes.error());
  response.body = std::move(bytes).value();
  return response;
}

ServerResponse list_buckets(const std::vector<std::string>& names) {
  std::string body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Owner><ID>cairn</ID></Owner><Buckets>";
  for (const auto& name : names) {
    body += "<Bucket>";
    aws::append_element(body, "Name", name);
    body += "<CreationDate>1970-01-01T00:00:00.000Z</CreationDate></Bucket>";
  }
  return xml(body + "</Buckets></ListAllMyBucketsResult>");
}

/// Of what S3 knows besides location, versions and objects, there is nothing here.
bool asks_for_subresource(const S3Request& asked) {
  static constexpr std::array<const char*, 14> kNames = {
      "acl",     "policy",      "lifecycle",    "cors",       "website",
      "logging", "tagging",     "notification", "encryption", "versions",
      "uploads", "replication", "torrent",      "object-lock"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](const char* name) { return asked.has(name); });
}

ServerResponse read_bucket(const std::shared_ptr<io::ObjectStore>& store,
                           const access::Caller& caller, const S3Request& asked,
                           const ServerRequest& request) {
  if (asks_for_subresource(asked))
    return refuse(request, 501, "NotImplemented",
                  "A header you provided implies functionality that is not implemented");
  if (asked.has("location"))
    return xml(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
  if (asked.has("versioning"))
    return xml(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
  if (request.method == "HEAD") return xml("");
  auto listed =
      list_objects(*store, asked, [&](std::string_view key) { return may_read(caller, key); });
  return listed.ok() ? xml(std::move(listed).value()) : refuse(request, listed.error());
}

}  // namespace

bool may_read(const access::Caller& caller, std::string_view key) {
  if (caller.accounts.empty()) return true;
  // The last one tells: what comes before is a trail's prefix, in which anything may stand.
  constexpr std::string_view kFolder = "AWSLogs/";
  for (size_t at = key.rfind(kFolder); at != key.npos; at = key.rfind(kFolder, at - 1)) {
    if (at > 0 && key[at - 1] != '/') continue;
    auto rest = key.substr(at + kFolder.size());
    if (rest.starts_with("o-")) rest.remove_prefix(std::min(rest.find('/'), rest.size() - 1) + 1);
    const auto account = rest.substr(0, rest.find('/'));
    return account.size() == 12 && rest.size() > account.size() && caller.may_see(account);
  }
  return false;
}

ServerResponse S3Face::handle(const access::Caller& caller, const ServerRequest& request) const {
  if (!access::may(caller.role, access::Right::read_events)) return denied(request);
  const auto asked = read_s3_request(request);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.method == "PUT" && asked.key.empty() && !asked.bucket.empty() &&
      asked.query.empty()) {
    if (!access::may(caller.role, access::Right::change_configuration)) return denied(request);
    const auto made = shelf_.create(asked.bucket);
    if (!made.ok() && made.error().kind() == ErrorKind::already_exists)
      return refuse(request, 409, std::string(made.error().aws_code()), made.error().message());
    if (!made.ok()) return refuse(request, made.error());
    auto response = xml("");
    response.headers.push_back({"Location", '/' + asked.bucket});
    return response;
  }
  if (!reads)
    return refuse(request, 405, "MethodNotAllowed",
                  "The specified method is not allowed against this resource.");
  if (asked.bucket.empty()) return list_buckets(shelf_.names());
  auto store = shelf_.open(asked.bucket);
  if (!store.ok() && store.error().kind() == ErrorKind::not_found)
    return refuse(request, 404, "NoSuchBucket", "The specified bucket does not exist");
  if (!store.ok()) return refuse(request, store.error());
  if (asked.key.empty()) return read_bucket(store.value(), caller, asked, request);
  if (asks_for_subresource(asked))
    return refuse(request, 501, "NotImplemented",
                  "A header you provided implies functionality that is not implemented");
  if (!may_read(caller, asked.key)) return denied(request);
  return get_object(store.value(), asked, request);
}

}  // namespace cairn::api
