#include "api/s3/s3_call.h"

#include <gtest/gtest.h>

namespace cairn::api {
namespace {

S3Call call_of(const std::string& method, const std::string& target) {
  return find_s3_call(method, read_s3_request({.method = method, .target = target}));
}

TEST(S3Call, ManagementEventsAreThoseThatCloudTrailRecords) {
  struct Row {
    const char* method;
    const char* target;
    const char* operation;
    bool read_only;
    bool management;
  };

  constexpr Row kRows[] = {
      {"GET", "/", "ListBuckets", true, true},
      {"GET", "/?x-id=ListBuckets", "ListBuckets", true, true},
      {"PUT", "/b", "CreateBucket", false, true},
      {"PUT", "/b/", "CreateBucket", false, true},
      {"PUT", "/b?x-id=CreateBucket", "CreateBucket", false, true},
      {"PUT", "/b?X-Amz-Signature=0", "CreateBucket", false, true},
      {"PUT", "/b?unknown", "", false, false},
      {"DELETE", "/b", "DeleteBucket", false, true},
      {"DELETE", "/b?unknown", "", false, false},
      {"GET", "/b?policy", "GetBucketPolicy", true, true},
      {"PUT", "/b?policy", "PutBucketPolicy", false, true},
      {"DELETE", "/b?policy", "DeleteBucketPolicy", false, true},
      {"GET", "/b?location", "GetBucketLocation", true, true},
      {"PUT", "/b?location", "", false, false},
      {"GET", "/b?accelerate", "GetAccelerateConfiguration", true, true},
      {"GET", "/b?publicAccessBlock", "GetBucketPublicAccessBlock", true, true},
      {"GET", "/b?policyStatus", "GetBucketPolicyStatus", true, true},
      {"HEAD", "/b", "HeadBucket", true, false},
      {"GET", "/b", "ListObjects", true, false},
      {"GET", "/b?list-type=2", "ListObjects", true, false},
      {"GET", "/b?versions", "ListObjectVersions", true, false},
      {"GET", "/b?uploads", "ListMultipartUploads", true, false},
      {"POST", "/b?delete", "DeleteObjects", false, false},
      {"GET", "/b/k", "GetObject", true, false},
      {"GET", "/b/k?policy", "GetObject", true, false},
      {"GET", "/b/k?acl", "GetObjectAcl", true, false},
      {"HEAD", "/b/k", "HeadObject", true, false},
      {"PUT", "/b/k", "PutObject", false, false},
      {"DELETE", "/b/k", "DeleteObject", false, false},
      {"POST", "/", "", false, false},
      {"BREW", "/b", "", false, false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(std::string(row.method) + ' ' + row.target);
    const auto call = call_of(row.method, row.target);
    EXPECT_EQ(call.operation, row.operation);
    EXPECT_EQ(call.read_only, row.read_only);
    EXPECT_EQ(call.management, row.management);
  }
}

}  // namespace
}  // namespace cairn::api
