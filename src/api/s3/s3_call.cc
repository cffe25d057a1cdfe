#include "api/s3/s3_call.h"

#include <array>

namespace cairn::api {
namespace {

/// What can be asked of, and done to, a bucket's setting that a parameter names.
struct BucketSetting {
  const char* parameter;
  std::string_view get{};
  std::string_view put{};
  std::string_view remove{};
};

constexpr std::array kBucketSettings = {
    BucketSetting{"accelerate", "GetAccelerateConfiguration", "PutAccelerateConfiguration"},
    BucketSetting{"acl", "GetBucketAcl", "PutBucketAcl"},
    BucketSetting{"analytics", "GetBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration",
                  "DeleteBucketAnalyticsConfiguration"},
    BucketSetting{"cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors"},
    BucketSetting{"encryption", "GetBucketEncryption", "PutBucketEncryption",
                  "DeleteBucketEncryption"},
    BucketSetting{"intelligent-tiering", "GetBucketIntelligentTieringConfiguration",
                  "PutBucketIntelligentTieringConfiguration",
                  "DeleteBucketIntelligentTieringConfiguration"},
    BucketSetting{"inventory", "GetBucketInventoryConfiguration", "PutBucketInventoryConfiguration",
                  "DeleteBucketInventoryConfiguration"},
    BucketSetting{"lifecycle", "GetBucketLifecycle", "PutBucketLifecycle", "DeleteBucketLifecycle"},
    BucketSetting{"location", "GetBucketLocation"},
    BucketSetting{"logging", "GetBucketLogging", "PutBucketLogging"},
    BucketSetting{"metrics", "GetBucketMetricsConfiguration", "PutBucketMetricsConfiguration",
                  "DeleteBucketMetricsConfiguration"},
    BucketSetting{"notification", "GetBucketNotification", "PutBucketNotification"},
    BucketSetting{"object-lock", "GetBucketObjectLockConfiguration",
                  "PutBucketObjectLockConfiguration"},
    BucketSetting{"ownershipControls", "GetBucketOwnershipControls", "PutBucketOwnershipControls",
                  "DeleteBucketOwnershipControls"},
    BucketSetting{"policy", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"},
    BucketSetting{"policyStatus", "GetBucketPolicyStatus"},
    BucketSetting{"publicAccessBlock", "GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock",
                  "DeleteBucketPublicAccessBlock"},
    BucketSetting{"replication", "GetBucketReplication", "PutBucketReplication",
                  "DeleteBucketReplication"},
    BucketSetting{"requestPayment", "GetBucketRequestPayment", "PutBucketRequestPayment"},
    BucketSetting{"tagging", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"},
    BucketSetting{"versioning", "GetBucketVersioning", "PutBucketVersioning"},
    BucketSetting{"website", "GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"},
};

struct DataCall {
  std::string_view method;
  const char* parameter;  ///< "": whatever the query has
  std::string_view operation;
};

constexpr std::array kBucketDataCalls = {
    DataCall{"HEAD", "", "HeadBucket"},
    DataCall{"GET", "uploads", "ListMultipartUploads"},
    DataCall{"GET", "versions", "ListObjectVersions"},
    DataCall{"GET", "", "ListObjects"},
    DataCall{"POST", "delete", "DeleteObjects"},
    DataCall{"POST", "", "PostObject"},
};

constexpr std::array kObjectCalls = {
    DataCall{"HEAD", "", "HeadObject"},
    DataCall{"GET", "acl", "GetObjectAcl"},
    DataCall{"GET", "attributes", "GetObjectAttributes"},
    DataCall{"GET", "legal-hold", "GetObjectLegalHold"},
    DataCall{"GET", "retention", "GetObjectRetention"},
    DataCall{"GET", "tagging", "GetObjectTagging"},
    DataCall{"GET", "torrent", "GetObjectTorrent"},
    DataCall{"GET", "uploadId", "ListParts"},
    DataCall{"GET", "", "GetObject"},
    DataCall{"PUT", "acl", "PutObjectAcl"},
    DataCall{"PUT", "legal-hold", "PutObjectLegalHold"},
    DataCall{"PUT", "retention", "PutObjectRetention"},
    DataCall{"PUT", "tagging", "PutObjectTagging"},
    DataCall{"PUT", "uploadId", "UploadPart"},
    DataCall{"PUT", "", "PutObject"},
    DataCall{"POST", "uploads", "CreateMultipartUpload"},
    DataCall{"POST", "uploadId", "CompleteMultipartUpload"},
    DataCall{"POST", "restore", "RestoreObject"},
    DataCall{"POST", "select", "SelectObjectContent"},
    DataCall{"DELETE", "tagging", "DeleteObjectTagging"},
    DataCall{"DELETE", "uploadId", "AbortMultipartUpload"},
    DataCall{"DELETE", "", "DeleteObject"},
};

bool only_reads(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

/// The query names no setting: it may say what the path and the method say, and be presigned.
bool is_plain(const S3Request& asked) {
  for (const auto& [name, value] : asked.query)
    if (name != "x-id" && !name.starts_with("X-Amz-")) return false;
  return true;
}

template <class Table>
S3Call find_data_call(const Table& table, std::string_view method, const S3Request& asked) {
  for (const auto& row : table) {
    const std::string_view parameter = row.parameter;
    if (row.method == method && (parameter.empty() || asked.has(row.parameter)))
      return {.operation = row.operation, .read_only = only_reads(method), .parameter = parameter};
  }
  return {.read_only = only_reads(method)};
}

S3Call management_call(std::string_view operation, std::string_view method,
                       std::string_view parameter = {}) {
  return {.operation = operation,
          .read_only = only_reads(method),
          .management = !operation.empty(),
          .parameter = parameter};
}

}  // namespace

S3Call find_s3_call(std::string_view method, const S3Request& asked) {
  if (asked.bucket.empty()) return management_call(method == "GET" ? "ListBuckets" : "", method);
  if (!asked.key.empty()) return find_data_call(kObjectCalls, method, asked);
  if (method == "GET" || method == "PUT" || method == "DELETE") {
    for (const auto& setting : kBucketSettings) {
      if (!asked.has(setting.parameter)) continue;
      const auto operation = method == "GET"   ? setting.get
                             : method == "PUT" ? setting.put
                                               : setting.remove;
      return management_call(operation, method, setting.parameter);
    }
    if (method == "PUT" && is_plain(asked)) return management_call("CreateBucket", method);
    if (method == "DELETE" && is_plain(asked)) return management_call("DeleteBucket", method);
  }
  return find_data_call(kBucketDataCalls, method, asked);
}

}  // namespace cairn::api
