#include "api/s3/s3_object.h"

#include "api/answer.h"
#include "api/s3/s3_bucket.h"
#include "api/s3/s3_conditions.h"
#include "aws/http_date.h"
#include "aws/xml_text.h"
#include "base/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace cairn::api {
namespace {

using aws::ServerRequest;
using aws::ServerResponse;

constexpr uint64_t kInlineBytesMax = 1 << 20;
constexpr uint64_t kPieceBytes = 1 << 20;
constexpr uint64_t kPartNumberMax = 10'000;

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

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Trails keep no attributes of log files in folders: all have these, as in AWS's buckets.
bool is_log_file(std::string_view key) {
  return key.ends_with(".json.gz") &&
         (key.starts_with("AWSLogs/") || key.find("/AWSLogs/") != key.npos);
}

struct Override {
  const char* parameter;
  const char* header;
};

constexpr std::array<Override, 6> kOverrides = {
    {{"response-content-type", "Content-Type"},
     {"response-content-encoding", "Content-Encoding"},
     {"response-content-disposition", "Content-Disposition"},
     {"response-content-language", "Content-Language"},
     {"response-cache-control", "Cache-Control"},
     {"response-expires", "Expires"}}};

void add_attributes(const io::ObjectAttributes& attributes, const S3Request& asked,
                    aws::Headers& headers) {
  const bool bare = attributes.content_type.empty() && attributes.content_encoding.empty();
  const bool log_file = bare && is_log_file(asked.key);
  for (const auto& [parameter, name] : kOverrides) {
    auto value = asked.value(parameter);
    if (value.empty() && std::string_view(name) == "Content-Type")
      value = log_file                          ? "application/json"
              : attributes.content_type.empty() ? "binary/octet-stream"
                                                : attributes.content_type;
    if (value.empty() && std::string_view(name) == "Content-Encoding")
      value = log_file ? "gzip" : attributes.content_encoding;
    if (!value.empty()) headers.push_back({name, value});
  }
  int missing = 0;
  for (const auto& [name, value] : attributes.metadata) {
    if (has_control(name) || !is_ascii(name) || has_control(value)) {
      ++missing;  // no header can hold it; S3 says how many there are
    } else {
      headers.push_back({"x-amz-meta-" + name,
                         is_ascii(value) ? value : "=?UTF-8?B?" + encode_base64(value) + "?="});
    }
  }
  if (missing > 0) headers.push_back({"x-amz-missing-meta", std::to_string(missing)});
}

/// What may be refused before the object is looked for.
std::optional<ServerResponse> check_parameters(const ObjectWish& wish) {
  const auto refused = [&](std::string code, std::string message) {
    return s3_refusal(wish.request, 400, std::move(code), std::move(message));
  };
  for (const auto& [parameter, header] : kOverrides)
    if (has_control(wish.asked.value(parameter)))
      return refused("InvalidArgument", fmt::format("{} holds control characters", parameter));
  const auto version = wish.asked.value("versionId");
  if (!version.empty() && version != "null")
    return refused("InvalidArgument", "Invalid version id specified");
  const auto part = wish.asked.value("partNumber");
  uint64_t number = 1;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (!part.empty() && (code != std::errc() || end != part.data() + part.size() || number < 1 ||
                        number > kPartNumberMax))
    return refused("InvalidArgument",
                   "Part number must be an integer between 1 and 10000, inclusive");
  if (number > 1)
    return s3_refusal(wish.request, 416, "InvalidPartNumber",
                      "The requested partnumber is not satisfiable");
  return std::nullopt;
}

/// The object itself; the files that keep the attributes of others are no objects.
Result<io::ObjectInfo> find_object(const ObjectWish& wish) {
  const auto& key = wish.asked.key;
  if (key.ends_with(io::kAttributesSuffix) &&
      wish.store->head(key.substr(0, key.size() - io::kAttributesSuffix.size())).ok())
    return Error{ErrorKind::not_found, "it keeps another object's attributes"};
  auto info = wish.store->head(key);
  if (info.ok() || info.error().kind() != ErrorKind::invalid_argument) return info;
  const auto parts = '/' + key + '/';
  if (parts.find("/../") != parts.npos || parts.find("/./") != parts.npos)
    return Error{ErrorKind::invalid_argument, "Couldn't parse the specified URI.", "InvalidURI"};
  return Error{ErrorKind::not_found, "a folder cannot hold such a key"};
}

ServerResponse object_attributes(const io::ObjectInfo& info, const std::string& etag) {
  std::string wanted;
  aws::append_element(wanted, "ETag", etag);
  aws::append_element(wanted, "StorageClass", "STANDARD");
  aws::append_element(wanted, "ObjectSize", std::to_string(info.size_bytes));
  ServerResponse response;
  response.headers = {{"Content-Type", "application/xml"},
                      {"Last-Modified", aws::http_date(info.modified_us)}};
  response.body = aws::s3_document("GetObjectAttributesResponse", wanted);
  return response;
}

/// Narrows `range` to what is asked for; an answer: it cannot be had.
std::optional<ServerResponse> take_range(const ObjectWish& wish, const Validators& have,
                                         ByteRange& range, ServerResponse& response) {
  const auto size = range.length;
  const auto& request = wish.request;
  const auto header = aws::find_header(request.headers, "range");
  auto kind = RangeKind::all;
  if (wish.asked.has("partNumber"))
    kind = size > 0 ? RangeKind::part : RangeKind::all;
  else if (range_counts(request.headers, have, request.received_us))
    kind = read_range(header, size, range);
  if (kind == RangeKind::unsatisfiable) {
    auto refused = s3_refusal(
        request, 416, "InvalidRange", "The requested range is not satisfiable",
        {{"RangeRequested", std::string(header)}, {"ActualObjectSize", std::to_string(size)}});
    refused.headers.push_back({"Content-Range", fmt::format("bytes */{}", size)});
    return refused;
  }
  if (kind == RangeKind::all) return std::nullopt;
  response.status = 206;
  response.headers.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                           range.first + range.length - 1, size)});
  return std::nullopt;
}

}  // namespace

ServerResponse s3_refusal(const ServerRequest& request, int status, std::string code,
                          std::string message,
                          const std::vector<std::pair<std::string, std::string>>& details) {
  return answer_with(kS3Route, request,
                     access::AuthFailure{.status = status,
                                         .code = std::move(code),
                                         .message = std::move(message),
                                         .details = details});
}

ServerResponse s3_refusal(const ServerRequest& request, const Error& error) {
  if (error.kind() == ErrorKind::not_found && error.aws_code().empty())
    return s3_refusal(request, 404, "NoSuchKey", "The specified key does not exist.");
  if (error.kind() == ErrorKind::invalid_argument && error.aws_code().empty())
    return s3_refusal(request, 400, "InvalidArgument", "Invalid Argument");
  return answer_with(kS3Route, request, error);
}

ServerResponse get_object(const ObjectWish& wish) {
  const auto& [store, etags, asked, request] = wish;
  if (auto refused = check_parameters(wish)) return *std::move(refused);
  const auto info = find_object(wish);
  if (!info.ok()) {
    if (info.error().kind() != ErrorKind::not_found) return s3_refusal(request, info.error());
    return s3_refusal(request, 404, "NoSuchKey", "The specified key does not exist.",
                      {{"Key", asked.key}});
  }
  if (auto answer = object_setting(asked)) {
    if (answer->status != 200)
      return s3_refusal(request, answer->status, answer->code, answer->message);
    ServerResponse response;
    response.headers = {{"Content-Type", "application/xml"}};
    response.body = std::move(answer->xml);
    return response;
  }
  const auto attributes = store->attributes(asked.key);
  if (!attributes.ok()) return s3_refusal(request, attributes.error());
  uint64_t read_bytes = 0;
  const auto etag = etags.etag(*store, info.value(), read_bytes);
  if (asked.has("attributes")) return object_attributes(info.value(), etag);
  const Validators have{.etag = etag, .modified_us = info.value().modified_us};
  ServerResponse response;
  response.status = condition_status(request.headers, have, request.received_us);
  if (response.status == 412)
    return s3_refusal(request, 412, "PreconditionFailed",
                      "At least one of the pre-conditions you specified did not hold");
  response.headers = {{"ETag", '"' + etag + '"'},
                      {"Last-Modified", aws::http_date(have.modified_us)},
                      {"Accept-Ranges", "bytes"}};
  if (response.status == 304) return response;
  add_attributes(attributes.value(), asked, response.headers);
  ByteRange range{.first = 0, .length = info.value().size_bytes};
  if (auto refused = take_range(wish, have, range, response)) return *std::move(refused);
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
  if (!bytes.ok()) return s3_refusal(request, bytes.error());
  response.body = std::move(bytes).value();
  return response;
}

}  // namespace cairn::api
