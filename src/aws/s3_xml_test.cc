#include "aws/s3_xml.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

TEST(S3Xml, Page) {
  const auto page = parse_list_page(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix>
<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
<Contents><Key>a/b+c%2B%C3%BC</Key><LastModified>2025-03-14T09:00:00.000Z</LastModified>
<ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71-2&quot;</ETag><Size>5368709121</Size>
<StorageClass>GLACIER</StorageClass></Contents>
<CommonPrefixes><Prefix>AWSLogs/1%202/</Prefix></CommonPrefixes></ListBucketResult>)");
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page.value().objects.size(), 1U);
  const auto& object = page.value().objects[0];
  EXPECT_EQ(object.key, "a/b c+ü");
  EXPECT_EQ(object.size_bytes, 5368709121U);
  EXPECT_EQ(object.etag, "70ee1738b6b21e2c8a43f3a5ab0eee71-2");
  EXPECT_EQ(object.modified_us, parse_iso8601("2025-03-14T09:00:00Z"));
  EXPECT_EQ(object.storage_class, "GLACIER");
  EXPECT_EQ(page.value().common_prefixes, std::vector<std::string>{"AWSLogs/1 2/"});
  EXPECT_EQ(page.value().next_token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(S3Xml, PlainKeysStayAsTheyAre) {
  const auto page = parse_list_page(
      "<ListBucketResult><Contents><Key>a+b%20 </Key></Contents><Contents><Key> </Key></Contents>"
      "<IsTruncated>false</IsTruncated></ListBucketResult>");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.value().objects[0].key, "a+b%20 ");
  EXPECT_EQ(page.value().objects[1].key, " ");
  EXPECT_EQ(page.value().next_token, "");
}

TEST(S3Xml, WhatIsNoListing) {
  for (const auto* body :
       {"", "<html></html>", "{}", "<ListBucketResult><Contents/></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    const auto page = parse_list_page(body);
    ASSERT_FALSE(page.ok()) << body;
    EXPECT_EQ(page.error().kind(), ErrorKind::corrupt);
  }
}

TEST(S3Xml, Uploads) {
  EXPECT_EQ(parse_upload_id("<InitiateMultipartUploadResult><UploadId>x.y</UploadId>"
                            "</InitiateMultipartUploadResult>")
                .value(),
            "x.y");
  EXPECT_FALSE(parse_upload_id("<Error/>").ok());
}

TEST(S3Xml, PendingUploads) {
  const auto page = parse_upload_page(
      "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Bucket>b</Bucket><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
      "<NextKeyMarker>a%20b</NextKeyMarker><NextUploadIdMarker>x1</NextUploadIdMarker>"
      "<Upload><Key>a%20b</Key><UploadId>x1</UploadId>"
      "<Initiated>2026-01-02T03:04:05.000Z</Initiated></Upload></ListMultipartUploadsResult>");
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page.value().uploads.size(), 1U);
  EXPECT_EQ(page.value().uploads[0].key, "a b");
  EXPECT_EQ(page.value().uploads[0].id, "x1");
  EXPECT_EQ(page.value().uploads[0].begun_us, 1'767'323'045'000'000);
  EXPECT_EQ(page.value().next_key, "a b");
  EXPECT_EQ(page.value().next_id, "x1");
  EXPECT_TRUE(parse_upload_page("<ListMultipartUploadsResult/>").value().uploads.empty());
  EXPECT_FALSE(parse_upload_page("<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                                 "</ListMultipartUploadsResult>")
                   .ok());
  EXPECT_FALSE(parse_upload_page("<Error/>").ok());
  EXPECT_EQ(complete_upload_xml({{.number = 1, .etag = "e<", .sha256_base64 = "AA=="}}),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part>"
            "<PartNumber>1</PartNumber><ETag>&quot;e&lt;&quot;</ETag><ChecksumSHA256>AA=="
            "</ChecksumSHA256></Part></CompleteMultipartUpload>");
  EXPECT_TRUE(is_complete_upload_result(
      "<?xml version=\"1.0\"?>\n<CompleteMultipartUploadResult><ETag>e</ETag>"
      "</CompleteMultipartUploadResult>"));
  EXPECT_FALSE(is_complete_upload_result("<Error><Code>InternalError</Code></Error>"));
}

}  // namespace
}  // namespace cairn::aws
