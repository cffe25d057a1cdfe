#include "aws/notification.h"

#include "aws/credentials_text.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

constexpr std::string_view kS3 =
    R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",
"s3":{"bucket":{"name":"logs"},"object":{"key":"AWSLogs/1+2%2B3.json.gz","size":1024,"eTag":"ab"}}},
{"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"logs"},"object":{"key":"old"}}}]})";

constexpr std::string_view kCloudTrail =
    R"({"s3Bucket":"logs","s3ObjectKey":["AWSLogs/1+2/a.json.gz","AWSLogs/b.json.gz"]})";

std::string in_sns(std::string_view message) {
  std::string out =
      R"({"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:x","Message":)";
  append_json_string(out, message);
  return out + R"(,"Timestamp":"2025-03-14T09:00:00.000Z","SignatureVersion":"1"})";
}

TEST(Notification, OfS3PlainAndInSns) {
  for (const auto& body : {std::string(kS3), in_sns(kS3)}) {
    const auto found = parse_notification(body);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found.value().objects.size(), 1U);
    const auto& object = found.value().objects[0];
    EXPECT_EQ(object.bucket, "logs");
    EXPECT_EQ(object.key, "AWSLogs/1 2+3.json.gz");
    EXPECT_EQ(object.size_bytes, 1024U);
    EXPECT_EQ(object.etag, "ab");
  }
}

TEST(Notification, OfCloudTrailPlainAndInSns) {
  for (const auto& body : {std::string(kCloudTrail), in_sns(kCloudTrail)}) {
    const auto found = parse_notification(body);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found.value().objects.size(), 2U);
    EXPECT_EQ(found.value().objects[0].key, "AWSLogs/1+2/a.json.gz");
    EXPECT_EQ(found.value().objects[1].bucket, "logs");
  }
}

TEST(Notification, OfEventBridge) {
  const auto found = parse_notification(
      R"({"version":"0","detail-type":"Object Created","source":"aws.s3","detail":
{"bucket":{"name":"logs"},"object":{"key":"a b","size":7,"etag":"cd"}}})");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().objects.at(0).key, "a b");
  EXPECT_EQ(found.value().objects.at(0).size_bytes, 7U);
}

TEST(Notification, WhatTellsOfNothingNew) {
  const std::string test = R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"})";
  EXPECT_EQ(parse_notification(test).value().kind, NotificationKind::test);
  EXPECT_EQ(parse_notification(in_sns(test)).value().kind, NotificationKind::test);
  EXPECT_EQ(parse_notification(in_sns("CloudTrail validation message.")).value().kind,
            NotificationKind::test);
  EXPECT_EQ(parse_notification(R"({"Records":[]})").value().kind, NotificationKind::ignored);
  EXPECT_EQ(parse_notification(R"({"s3Bucket":"b","s3ObjectKey":[]})").value().kind,
            NotificationKind::ignored);
}

TEST(Notification, WhatIsNone) {
  for (const std::string body :
       {"", "hello", "[]", "{}", "null", R"({"Records":[1]})", R"({"Records":[{"s3":{}}]})",
        R"({"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":"x"}}]})",
        R"({"s3Bucket":"b","s3ObjectKey":[1]})", R"({"s3Bucket":"","s3ObjectKey":["k"]})"}) {
    const auto found = parse_notification(body);
    ASSERT_FALSE(found.ok()) << body;
    EXPECT_EQ(found.error().kind(), ErrorKind::corrupt);
    EXPECT_FALSE(parse_notification(in_sns(body)).ok()) << body;
  }
  EXPECT_FALSE(parse_notification(in_sns(in_sns(kS3))).ok());
}

TEST(QueueMessages, AreRead) {
  const auto text = [](std::string_view body, std::string_view digest) {
    return fmt::format(R"({{"MessageId":"1","ReceiptHandle":"r","Body":"{}","MD5OfBody":"{}",)"
                       R"("Attributes":{{"ApproximateReceiveCount":"3"}}}})",
                       body, digest);
  };
  const auto found = parse_queue_messages(
      fmt::format(R"({{"Messages":[{},{}]}})", text("ok", to_hex(md5("ok"))), text("bad", "00")));
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found.value()[0].body, "ok");
  EXPECT_EQ(found.value()[0].receive_count, 3);
  EXPECT_TRUE(parse_queue_messages("{}").value().empty());
  EXPECT_FALSE(parse_queue_messages("[]").ok());
  EXPECT_FALSE(parse_queue_messages(R"({"Messages":[{}]})").ok());
}

TEST(CredentialsText, OfSts) {
  const auto found = parse_sts_credentials(
      "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
      "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
      "<SessionToken>t</SessionToken><Expiration>2025-03-14T10:00:00Z</Expiration></Credentials>"
      "</AssumeRoleResult></AssumeRoleResponse>");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().access_key, "ASIA");
  EXPECT_EQ(found.value().expires_us, parse_iso8601("2025-03-14T10:00:00Z"));
  EXPECT_FALSE(parse_sts_credentials("<a/>").ok());
}

TEST(CredentialsText, OfJson) {
  const auto found = parse_json_credentials(
      R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"x"})");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().session_token, "t");
  EXPECT_EQ(found.value().expires_us, std::nullopt);
  EXPECT_EQ(parse_json_credentials(R"({"Code":"AssumeRoleUnauthorizedAccess"})").error().kind(),
            ErrorKind::permission_denied);
  EXPECT_FALSE(parse_json_credentials(R"({"AccessKeyId":1})").ok());
  EXPECT_FALSE(parse_json_credentials("{").ok());
}

}  // namespace
}  // namespace cairn::aws
