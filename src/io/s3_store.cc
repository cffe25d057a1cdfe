#include "io/s3_store.h"

#include "aws/s3_xml.h"
#include "aws/uri.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "io/in_parallel.h"
#include "io/internal/s3_bucket.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace cairn::io {
namespace {

using internal::BucketRequest;

constexpr uint64_t kErrorBytesMax = 1 << 20;
constexpr std::string_view kMetaHeader = "x-amz-meta-";
constexpr uint64_t kPartsMax = 10'000;         // S3's limit for one upload
constexpr uint64_t kLeastPartBytes = 5 << 20;  // S3's, but for the last part
constexpr uint64_t kMostBytes = 5ULL << 40;    // of one object

/// How list_unfinished() names an upload, and remove() knows it again: `key (unfinished upload
/// ID)`.
constexpr std::string_view kUploadMark = " (unfinished upload ";
constexpr std::string_view kUploadEnd = ")";

std::optional<uint64_t> to_number(std::string_view text) {
  uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string etag_of(const HttpResponse& response) {
  auto etag = aws::find_header(response.headers, "etag");
  if (etag.size() >= 2 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

// "bytes 0-99/1000" → 1000
std::optional<uint64_t> whole_size(const HttpResponse& response) {
  const auto range = aws::find_header(response.headers, "content-range");
  const auto slash = range.rfind('/');
  return slash == std::string_view::npos ? std::nullopt : to_number(range.substr(slash + 1));
}

Status check_key(std::string_view key) {
  bool bad = key.empty() || key.front() == '/';
  for (size_t from = 0; !bad && from <= key.size();) {
    const auto end = std::min(key.find('/', from), key.size());
    const auto part = key.substr(from, end - from);
    bad = part == "." || part == "..";
    from = end + 1;
  }
  if (!bad) return {};
  return Error{ErrorKind::invalid_argument,
               fmt::format("'{}' cannot be a key: keys are relative paths without '.' and '..'",
                           printable(key))};
}

std::string normalized_prefix(std::string_view prefix) {
  while (!prefix.empty() && prefix.front() == '/') prefix.remove_prefix(1);
  while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  return prefix.empty() ? "" : std::string(prefix) + "/";
}

class Store final : public S3Store {
 public:
  Store(S3Options options, AwsWorld world)
      : prefix_(normalized_prefix(options.prefix)), bucket_(std::move(options), world) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override {
    CAIRN_TRY(check_key(key));
    // One request for most objects: the first part tells how large the whole is.
    const auto part = options().part_bytes;
    auto answer = CAIRN_TRY(fetch(key, 0, part, {}, std::max(part, bytes_max)));
    auto& body = answer.response.body;
    if (answer.response.status == 416) return std::string();  // nothing in it
    const auto size = whole_size(answer.response).value_or(body.size());
    if (size > bytes_max)
      return Error{ErrorKind::exhausted, fmt::format("cannot read {}: {} bytes are above the "
                                                     "limit of {}",
                                                     uri(key), size, bytes_max)};
    if (body.size() == size) return std::move(body);
    if (body.size() > size)
      return Error{ErrorKind::corrupt,
                   fmt::format("cannot read {}: {} bytes came of {}", uri(key), body.size(), size)};
    const auto etag = etag_of(answer.response);
    const auto have = body.size();
    body.resize(size);
    CAIRN_TRY(fill(key, have, etag, body));
    return std::move(body);
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override {
    CAIRN_TRY(check_key(key));
    if (length == 0) return std::string();
    auto answer = CAIRN_TRY(fetch(key, offset, length, {}, length));
    if (answer.response.status == 416) return std::string();
    if (answer.response.status == 206) return std::move(answer.response.body);
    // A server without ranges sent all of a small object.
    const auto& body = answer.response.body;
    return offset >= body.size() ? std::string() : body.substr(offset, length);
  }

  Result<ObjectPart> get_part(const std::string& key, uint64_t offset, uint64_t length,
                              const std::string& etag) override {
    CAIRN_TRY(check_key(key));
    auto answer = CAIRN_TRY(fetch(key, offset, std::max<uint64_t>(length, 1), etag, length));
    ObjectPart part{.bytes = {}, .etag = etag_of(answer.response), .object_bytes = 0};
    if (answer.response.status == 416) {
      part.object_bytes = whole_size(answer.response).value_or(0);
      return part;
    }
    auto& body = answer.response.body;
    part.object_bytes = whole_size(answer.response).value_or(body.size());
    if (answer.response.status == 206)
      part.bytes = std::move(body);
    else if (offset < body.size())  // a server without ranges sent all of a small object
      part.bytes = body.substr(offset, length);
    return part;
  }

  Result<ObjectInfo> head(const std::string& key) override {
    CAIRN_TRY(check_key(key));
    const auto answer = CAIRN_TRY(bucket_.send({.method = "HEAD", .key = prefix_ + key}));
    if (!answer.ok()) return answer.refusal("read " + uri(key));
    const auto& headers = answer.response.headers;
    return ObjectInfo{
        .key = key,
        .size_bytes = to_number(aws::find_header(headers, "content-length")).value_or(0),
        .etag = etag_of(answer.response),
        .modified_us =
            parse_http_date(std::string(aws::find_header(headers, "last-modified"))).value_or(0)};
  }

  Status put(const std::string& key, std::string_view bytes) override {
    return put_with(key, bytes, {});
  }

  Result<ObjectAttributes> attributes(const std::string& key) override {
    CAIRN_TRY(check_key(key));
    const auto answer = CAIRN_TRY(bucket_.send({.method = "HEAD", .key = prefix_ + key}));
    if (!answer.ok()) return answer.refusal("read " + uri(key));
    ObjectAttributes found;
    for (const auto& header : answer.response.headers) {
      const auto name = to_lower(header.name);
      if (name == "content-type") found.content_type = header.value;
      if (name == "content-encoding") found.content_encoding = header.value;
      if (name.starts_with(kMetaHeader))
        found.metadata[name.substr(kMetaHeader.size())] = header.value;
    }
    return found;
  }

  Status put_with(const std::string& key, std::string_view bytes,
                  const ObjectAttributes& attributes) override {
    CAIRN_TRY(check_key(key));
    if (bytes.size() > kMostBytes)
      return Error{ErrorKind::invalid_argument,
                   fmt::format("cannot write {}: S3 holds objects of up to 5 TiB", uri(key))};
    if (bytes.size() > std::max(options().part_bytes, kLeastPartBytes))
      return put_parts(key, bytes, attributes);
    const auto hash = sha256(bytes);
    BucketRequest request{.method = "PUT",
                          .key = prefix_ + key,
                          .headers = {{"x-amz-checksum-sha256", encode_base64(hash)}},
                          .body = bytes,
                          .payload_hash = to_hex(hash),
                          .response_bytes_max = kErrorBytesMax};
    add_attributes(request.headers, attributes);
    const auto answer = CAIRN_TRY(bucket_.send(request));
    return answer.ok() ? Status() : answer.refusal("write " + uri(key));
  }

  Status remove(const std::string& key) override {
    CAIRN_TRY(check_key(key));
    BucketRequest request{.method = "DELETE", .key = prefix_ + key};
    if (const auto mark = key.find(kUploadMark); mark != key.npos && key.ends_with(kUploadEnd)) {
      const auto id = mark + kUploadMark.size();
      request.key = prefix_ + key.substr(0, mark);
      request.query =
          "uploadId=" + aws::uri_encode(key.substr(id, key.size() - kUploadEnd.size() - id));
    }
    const auto answer = CAIRN_TRY(bucket_.send(request));
    if (answer.ok() || (answer.response.status == 404 && answer.error.code != "NoSuchBucket"))
      return {};
    return answer.refusal("remove " + uri(key));
  }

  Status remove_all(const std::vector<std::string>& keys) override {
    return in_parallel(keys.size(), requests_at_once(), [&](size_t i) { return remove(keys[i]); });
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const ObjectInfo&)>& visit) override {
    return list_pages(prefix, start_after, "", [&](aws::ListPage& page) {
      for (auto& object : page.objects) {
        if (!object.key.starts_with(prefix_)) continue;
        const ObjectInfo info{.key = object.key.substr(prefix_.size()),
                              .size_bytes = object.size_bytes,
                              .etag = std::move(object.etag),
                              .modified_us = object.modified_us};
        if (!visit(info)) return false;
      }
      return true;
    });
  }

  /// Uploads in parts that were not ended: S3 keeps, and bills, their parts. An upload's size is
  /// not known.
  Status list_unfinished(const std::string& prefix,
                         const std::function<bool(const ObjectInfo&)>& visit) override {
    for (aws::UploadPage page;;) {
      std::string query = "encoding-type=url";
      if (!page.next_key.empty()) query += "&key-marker=" + aws::uri_encode(page.next_key);
      query += "&prefix=" + aws::uri_encode(prefix_ + prefix);
      if (!page.next_id.empty()) query += "&upload-id-marker=" + aws::uri_encode(page.next_id);
      const auto answer = CAIRN_TRY(bucket_.send({.query = query + "&uploads="}));
      if (answer.error.code == "NotImplemented") return {};
      if (!answer.ok()) return answer.refusal("list unfinished uploads below " + uri(prefix));
      auto parsed = aws::parse_upload_page(answer.response.body);
      if (!parsed.ok()) return std::move(parsed).error().context("cannot list " + uri(prefix));
      page = std::move(parsed).value();
      for (const auto& upload : page.uploads) {
        if (!upload.key.starts_with(prefix_ + prefix)) continue;
        const ObjectInfo info{.key = fmt::format("{}{}{}{}", upload.key.substr(prefix_.size()),
                                                 kUploadMark, upload.id, kUploadEnd),
                              .modified_us = upload.begun_us};
        if (!visit(info)) return {};
      }
      if (page.next_key.empty()) return {};
    }
  }

  Result<std::vector<std::string>> common_prefixes(const std::string& prefix) override {
    std::vector<std::string> found;
    CAIRN_TRY(list_pages(prefix, "", "/", [&](aws::ListPage& page) {
      for (const auto& common : page.common_prefixes)
        if (common.starts_with(prefix_)) found.push_back(common.substr(prefix_.size()));
      return true;
    }));
    return found;
  }

  std::string uri(std::string_view key) const override {
    return fmt::format("s3://{}/{}{}", options().bucket, prefix_, key);
  }

  std::optional<std::string> local_path(std::string_view /*key*/) const override {
    return std::nullopt;
  }

  size_t requests_at_once() const override {
    return static_cast<size_t>(std::max(1, options().connections_max));
  }

 private:
  const S3Options& options() const { return bucket_.options(); }

  size_t parts_at_once() const {
    return static_cast<size_t>(std::max(1, options().parallel_parts));
  }

  /// The answer with status 200, 206 or 416.
  Result<AwsAnswer> fetch(const std::string& key, uint64_t offset, uint64_t length,
                          const std::string& etag, uint64_t bytes_max) {
    BucketRequest request{
        .key = prefix_ + key,
        .headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}},
        .response_bytes_max = std::max(bytes_max, kErrorBytesMax)};
    if (!etag.empty()) request.headers.push_back({"If-Match", '"' + etag + '"'});
    auto answer = CAIRN_TRY(bucket_.send(request));
    if (answer.ok() || answer.response.status == 416) return answer;
    if (answer.response.status == 412)
      return Error{ErrorKind::unavailable,
                   fmt::format("cannot read {}: it was replaced meanwhile", uri(key))};
    return answer.refusal("read " + uri(key));
  }

  /// Reads from byte `have` on into `out`, which has the object's size.
  Status fill(const std::string& key, uint64_t have, const std::string& etag, std::string& out) {
    const auto part = options().part_bytes;
    const auto count = (out.size() - have + part - 1) / part;
    return in_parallel(count, parts_at_once(), [&](size_t i) -> Status {
      const auto offset = have + i * part;
      const auto length = std::min(part, out.size() - offset);
      const auto answer = CAIRN_TRY(fetch(key, offset, length, etag, length));
      const auto& body = answer.response.body;
      if (answer.response.status != 206 || body.size() != length)
        return Error{ErrorKind::unavailable,
                     fmt::format("cannot read {}: bytes {} to {} came as {} bytes", uri(key),
                                 offset, offset + length - 1, body.size())};
      std::memcpy(out.data() + offset, body.data(), length);
      return {};
    });
  }

  void add_encryption(Headers& headers) const {
    if (options().encryption == ServerEncryption::bucket_default) return;
    const bool kms = options().encryption == ServerEncryption::kms;
    headers.push_back({"x-amz-server-side-encryption", kms ? "aws:kms" : "AES256"});
    if (kms && !options().kms_key.empty())
      headers.push_back({"x-amz-server-side-encryption-aws-kms-key-id", options().kms_key});
  }

  void add_attributes(Headers& headers, const ObjectAttributes& attributes) const {
    if (attributes.server_side_encryption.empty()) {
      add_encryption(headers);
    } else {
      headers.push_back({"x-amz-server-side-encryption", attributes.server_side_encryption});
      if (!attributes.kms_key_id.empty())
        headers.push_back({"x-amz-server-side-encryption-aws-kms-key-id", attributes.kms_key_id});
    }
    if (!attributes.acl.empty()) headers.push_back({"x-amz-acl", attributes.acl});
    if (!attributes.content_type.empty())
      headers.push_back({"Content-Type", attributes.content_type});
    if (!attributes.content_encoding.empty())
      headers.push_back({"Content-Encoding", attributes.content_encoding});
    for (const auto& [name, value] : attributes.metadata)
      headers.push_back({std::string(kMetaHeader) + name, value});
  }

  Status put_parts(const std::string& key, std::string_view bytes,
                   const ObjectAttributes& attributes) {
    const auto part = std::max(
        {options().part_bytes, kLeastPartBytes, (bytes.size() + kPartsMax - 1) / kPartsMax});
    BucketRequest begin{.method = "POST",
                        .key = prefix_ + key,
                        .query = "uploads=",
                        .headers = {{"x-amz-checksum-algorithm", "SHA256"}}};
    add_attributes(begin.headers, attributes);
    const auto begun = CAIRN_TRY(bucket_.send(begin));
    if (!begun.ok()) return begun.refusal("write " + uri(key));
    const auto id = CAIRN_TRY(aws::parse_upload_id(begun.response.body));
    auto status = send_parts(key, bytes, part, id);
    if (!status.ok())  // else S3 keeps, and bills, the parts
      (void)bucket_.send(
          {.method = "DELETE", .key = prefix_ + key, .query = "uploadId=" + aws::uri_encode(id)});
    return status;
  }

  Status send_parts(const std::string& key, std::string_view bytes, uint64_t part_bytes,
                    const std::string& id) {
    std::vector<aws::UploadedPart> parts((bytes.size() + part_bytes - 1) / part_bytes);
    const auto send_part = [&](size_t i) -> Status {
      const auto piece = bytes.substr(i * part_bytes, part_bytes);
      const auto hash = sha256(piece);
      auto& part = parts[i];
      part.number = static_cast<int>(i + 1);
      part.sha256_base64 = encode_base64(hash);
      const auto answer = CAIRN_TRY(bucket_.send(
          {.method = "PUT",
           .key = prefix_ + key,
           .query = fmt::format("partNumber={}&uploadId={}", part.number, aws::uri_encode(id)),
           .headers = {{"x-amz-checksum-sha256", part.sha256_base64}},
           .body = piece,
           .payload_hash = to_hex(hash),
           .response_bytes_max = kErrorBytesMax}));
      if (!answer.ok()) return answer.refusal("write " + uri(key));
      part.etag = etag_of(answer.response);
      return {};
    };
    CAIRN_TRY(in_parallel(parts.size(), parts_at_once(), send_part));
    const auto body = aws::complete_upload_xml(parts);
    const auto answer = CAIRN_TRY(bucket_.send({.method = "POST",
                                                .key = prefix_ + key,
                                                .query = "uploadId=" + aws::uri_encode(id),
                                                .headers = {{"Content-Type", "application/xml"}},
                                                .body = body}));
    if (!answer.ok()) return answer.refusal("write " + uri(key));
    if (aws::is_complete_upload_result(answer.response.body)) return {};
    const auto error = aws::parse_error_xml(answer.response.body);
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot write {}: S3 could not join its parts: {}", uri(key),
                             printable(error.code.empty() ? "no result" : error.code))};
  }

  /// `visit` returning false stops.
  Status list_pages(const std::string& prefix, const std::string& start_after,
                    std::string_view delimiter, const std::function<bool(aws::ListPage&)>& visit) {
    std::string query = "encoding-type=url&list-type=2&prefix=" + aws::uri_encode(prefix_ + prefix);
    if (!delimiter.empty()) query += "&delimiter=" + aws::uri_encode(delimiter);
    if (!start_after.empty()) query += "&start-after=" + aws::uri_encode(prefix_ + start_after);
    for (std::string token;;) {
      BucketRequest request{.query = query};
      if (!token.empty()) request.query += "&continuation-token=" + aws::uri_encode(token);
      const auto answer = CAIRN_TRY(bucket_.send(request));
      if (!answer.ok()) return answer.refusal("list " + uri(prefix));
      auto page = aws::parse_list_page(answer.response.body);
      if (!page.ok()) return std::move(page).error().context("cannot list " + uri(prefix));
      if (!visit(page.value())) return {};
      if (page.value().next_token.empty()) return {};
      token = std::move(page.value().next_token);
    }
  }

  const std::string prefix_;
  internal::S3Bucket bucket_;
};

Status check(const S3Options& options) {
  const auto bad = [](std::string message) {
    return Error{ErrorKind::invalid_argument, std::move(message)};
  };
  if (!aws::is_bucket_name(options.bucket))
    return bad(fmt::format("'{}' is not a bucket's name", printable(options.bucket)));
  if (!options.region.empty() && !is_region_name(options.region))
    return bad(fmt::format("'{}' is not a region's name", printable(options.region)));
  aws::Url url;
  if (!options.endpoint.empty() && !aws::parse_url(options.endpoint, url))
    return bad(fmt::format("'{}' is not an endpoint; hint: write it as https://host:port",
                           printable(options.endpoint)));
  if (options.part_bytes == 0) return bad("parts of S3 objects must have bytes");
  if (!options.kms_key.empty() && options.encryption != ServerEncryption::kms)
    return bad("a KMS key is given but not KMS encryption; hint: choose aws:kms");
  return {};
}

}  // namespace

Result<std::unique_ptr<S3Store>> open_s3_store(S3Options options, AwsWorld world) {
  CAIRN_TRY(check(options));
  return std::unique_ptr<S3Store>(std::make_unique<Store>(std::move(options), world));
}

bool is_s3_url(std::string_view text) {
  return text.size() >= 5 && equals_ignoring_case(text.substr(0, 5), "s3://");
}

Result<S3Url> parse_s3_url(std::string_view text) {
  S3Url out;
  if (is_s3_url(text)) {
    const auto place = text.substr(5);
    const auto slash = std::min(place.find('/'), place.size());
    out.bucket = std::string(place.substr(0, slash));
    if (slash < place.size()) out.prefix = std::string(place.substr(slash + 1));
    if (aws::is_bucket_name(out.bucket)) return out;
  }
  return Error{ErrorKind::invalid_argument,
               fmt::format("'{}' is not an S3 location\nhint: write it as s3://bucket/prefix",
                           printable(text))};
}

}  // namespace cairn::io
