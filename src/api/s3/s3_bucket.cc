#include "api/s3/s3_bucket.h"

#include "aws/xml_text.h"

#include <fmt/format.h>

#include <array>

namespace cairn::api {
namespace {

/// One thing that can be asked for. Of what was never set S3 has either an empty document or an
/// error of its own.
struct Setting {
  const char* parameter;
  std::string_view element{};  ///< of the empty document; "": there is none
  std::string_view inner{};    ///< what stands in it all the same
  int status = 404;
  std::string_view code{};
  std::string_view message{};
};

constexpr std::string_view kGrants =
    "<Owner><ID>cairn</ID></Owner><AccessControlList><Grant>"
    "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">"
    "<ID>cairn</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>";

constexpr std::array<Setting, 22> kOfBuckets = {{
    {.parameter = "versioning", .element = "VersioningConfiguration"},
    {.parameter = "acl", .element = "AccessControlPolicy", .inner = kGrants},
    {.parameter = "logging", .element = "BucketLoggingStatus"},
    {.parameter = "notification", .element = "NotificationConfiguration"},
    {.parameter = "accelerate", .element = "AccelerateConfiguration"},
    {.parameter = "requestPayment",
     .element = "RequestPaymentConfiguration",
     .inner = "<Payer>BucketOwner</Payer>"},
    {.parameter = "policy",
     .code = "NoSuchBucketPolicy",
     .message = "The bucket policy does not exist"},
    {.parameter = "policyStatus",
     .code = "NoSuchBucketPolicy",
     .message = "The bucket policy does not exist"},
    {.parameter = "lifecycle",
     .code = "NoSuchLifecycleConfiguration",
     .message = "The lifecycle configuration does not exist"},
    {.parameter = "cors",
     .code = "NoSuchCORSConfiguration",
     .message = "The CORS configuration does not exist"},
    {.parameter = "website",
     .code = "NoSuchWebsiteConfiguration",
     .message = "The specified bucket does not have a website configuration"},
    {.parameter = "tagging", .code = "NoSuchTagSet", .message = "The TagSet does not exist"},
    {.parameter = "encryption",
     .code = "ServerSideEncryptionConfigurationNotFoundError",
     .message = "The server side encryption configuration was not found"},
    {.parameter = "replication",
     .code = "ReplicationConfigurationNotFoundError",
     .message = "The replication configuration was not found"},
    {.parameter = "object-lock",
     .code = "ObjectLockConfigurationNotFoundError",
     .message = "Object Lock configuration does not exist for this bucket"},
    {.parameter = "publicAccessBlock",
     .code = "NoSuchPublicAccessBlockConfiguration",
     .message = "The public access block configuration was not found"},
    {.parameter = "ownershipControls",
     .code = "OwnershipControlsNotFoundError",
     .message = "The bucket ownership controls were not found"},
    {.parameter = "analytics", .element = "ListBucketAnalyticsConfigurationResult"},
    {.parameter = "inventory", .element = "ListInventoryConfigurationsResult"},
    {.parameter = "metrics", .element = "ListMetricsConfigurationsResult"},
    {.parameter = "intelligent-tiering",
     .element = "ListBucketIntelligentTieringConfigurationsOutput"},
    {.parameter = "uploads", .element = "ListMultipartUploadsResult"},
}};

constexpr std::array<Setting, 6> kOfObjects = {{
    {.parameter = "acl", .element = "AccessControlPolicy", .inner = kGrants},
    {.parameter = "tagging", .element = "Tagging", .inner = "<TagSet></TagSet>"},
    {.parameter = "legal-hold",
     .code = "NoSuchObjectLockConfiguration",
     .message = "The specified object does not have a ObjectLock configuration"},
    {.parameter = "retention",
     .code = "NoSuchObjectLockConfiguration",
     .message = "The specified object does not have a ObjectLock configuration"},
    {.parameter = "uploadId",
     .code = "NoSuchUpload",
     .message = "The specified upload does not exist. The upload ID may be invalid, or the upload "
                "may have been aborted or completed."},
    {.parameter = "torrent",
     .status = 501,
     .code = "NotImplemented",
     .message = "A header you provided implies functionality that is not implemented"},
}};

SettingAnswer document(std::string_view element, std::string_view inner) {
  return {.xml = aws::s3_document(element, inner)};
}

SettingAnswer refusal(int status, std::string_view code, std::string_view message) {
  return {.status = status, .code = std::string(code), .message = std::string(message)};
}

template <class Table>
std::optional<SettingAnswer> find_setting(const Table& table, const S3Request& asked) {
  for (const auto& setting : table) {
    if (!asked.has(setting.parameter)) continue;
    if (setting.element.empty()) return refusal(setting.status, setting.code, setting.message);
    if (setting.element.starts_with("List") && asked.has("id"))
      return refusal(404, "NoSuchConfiguration", "The specified configuration does not exist.");
    if (!setting.element.starts_with("List")) return document(setting.element, setting.inner);
    std::string inner = "<IsTruncated>false</IsTruncated>";
    if (std::string_view(setting.parameter) == "uploads")
      aws::append_element(inner, "Bucket", asked.bucket);
    return document(setting.element, inner);
  }
  return std::nullopt;
}

}  // namespace

std::optional<SettingAnswer> bucket_setting(const S3Request& asked, std::string_view region) {
  // The oldest region has no name in this answer.
  if (asked.has("location"))
    return document("LocationConstraint", region == "us-east-1" ? "" : region);
  return find_setting(kOfBuckets, asked);
}

std::optional<SettingAnswer> object_setting(const S3Request& asked) {
  return find_setting(kOfObjects, asked);
}

}  // namespace cairn::api
