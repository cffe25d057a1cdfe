// S3's XML: answers read, requests written. Source: S3 API Reference (REST), version 2006-03-01.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::aws {

struct ListedObject {
  std::string key{};
  uint64_t size_bytes = 0;
  std::string etag{};           ///< without quotes
  int64_t modified_us = 0;      ///< microseconds since 1970, UTC
  std::string storage_class{};  ///< "STANDARD", "GLACIER", …; may be empty
};

struct ListPage {
  std::vector<ListedObject> objects{};
  std::vector<std::string> common_prefixes{};
  std::string next_token{};  ///< empty on the last page
};

/// A ListBucketResult of ListObjectsV2. Keys are decoded when the answer says `url` encoding. Fails
/// with `corrupt`.
Result<ListPage> parse_list_page(std::string_view body);

/// The UploadId of an InitiateMultipartUploadResult. Fails with `corrupt`.
Result<std::string> parse_upload_id(std::string_view body);

/// An upload in parts that was begun and not ended yet.
struct PendingUpload {
  std::string key{};
  std::string id{};
  int64_t begun_us = 0;  ///< microseconds since 1970, UTC
};

struct UploadPage {
  std::vector<PendingUpload> uploads{};
  std::string next_key{};  ///< empty on the last page
  std::string next_id{};
};

/// A ListMultipartUploadsResult, as parse_list_page().
Result<UploadPage> parse_upload_page(std::string_view body);

struct UploadedPart {
  int number = 0;  ///< from 1
  std::string etag{};
  std::string sha256_base64{};
};

/// The body of CompleteMultipartUpload.
std::string complete_upload_xml(const std::vector<UploadedPart>& parts);

/// S3 answers CompleteMultipartUpload with 200 before it knows: true when the body is its result.
bool is_complete_upload_result(std::string_view body);

}  // namespace cairn::aws
