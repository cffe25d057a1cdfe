#include "trails/names.h"

#include <gtest/gtest.h>

namespace cairn::trails {
namespace {

const Scope kScope{.account = "111122223333", .region = "eu-west-1"};

std::string fault(const Status& status) {
  return status.ok() ? ""
                     : std::string(status.error().aws_code()) + ": " + status.error().message();
}

TEST(Names, ofTrails) {
  for (const auto* fine : {"abc", "1a.b_c-d9", "my-trail"})
    EXPECT_EQ(fault(check_trail_name(fine)), "");
  EXPECT_EQ(
      fault(check_trail_name("ab")),
      "InvalidTrailNameException: Trail name too short. Minimum allowed length: 3 characters. "
      "Specified name length: 2 characters.");
  EXPECT_EQ(fault(check_trail_name(std::string(129, 'a'))),
            "InvalidTrailNameException: Trail name too long. Maximum allowed length: 128 "
            "characters. Specified name length: 129 characters.");
  EXPECT_EQ(fault(check_trail_name("a trail")),
            "InvalidTrailNameException: Trail name or ARN can only contain uppercase letters, "
            "lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).");
  EXPECT_EQ(fault(check_trail_name("-abc")),
            "InvalidTrailNameException: Trail name must starts with a letter or number.");
  EXPECT_EQ(fault(check_trail_name("abc_")),
            "InvalidTrailNameException: Trail name must ends with a letter or number.");
  EXPECT_NE(fault(check_trail_name("my-_name")), "");
  EXPECT_NE(fault(check_trail_name("my--name")), "");
  EXPECT_NE(fault(check_trail_name("192.168.5.4")), "");
}

TEST(Names, idsOfTrails) {
  const auto by_name = read_trail_id("trail", kScope);
  ASSERT_TRUE(by_name.ok());
  EXPECT_EQ(by_name.value().region, "eu-west-1");
  EXPECT_FALSE(by_name.value().from_arn);
  const auto by_arn =
      read_trail_id("arn:aws:cloudtrail:us-east-2:444455556666:trail/other", kScope);
  ASSERT_TRUE(by_arn.ok());
  EXPECT_EQ(by_arn.value().account, "444455556666");
  EXPECT_EQ(by_arn.value().region, "us-east-2");
  EXPECT_EQ(by_arn.value().name, "other");
  for (const auto* wrong : {"arn:aws:cloudtrail:us-east-2:4444:trail/other", "arn:aws:s3:::bucket",
                            "arn:", "arn:aws:cloudtrail:us-east-2:444455556666:channel/other"})
    EXPECT_EQ(read_trail_id(wrong, kScope).error().aws_code(), "CloudTrailARNInvalidException");
}

TEST(Names, ofBucketsAndPrefixes) {
  EXPECT_TRUE(check_bucket_name("my-bucket.1").ok());
  for (const auto* wrong : {"ab", "My-bucket", "a..b", "-ab", "ab-", "10.0.0.1", "a/b", ".."})
    EXPECT_FALSE(check_bucket_name(wrong).ok()) << wrong;
  for (const auto* fine : {"", "a", "a/b c/d"}) EXPECT_TRUE(check_prefix(fine).ok()) << fine;
  for (const auto* wrong : {"/a", "a/", "a//b", "../a", "a/..", ".", "a\nb"})
    EXPECT_FALSE(check_prefix(wrong).ok()) << wrong;
  for (const auto* wrong : {"AWSLogs", "a/AWSLogs", "AWSLogs/111122223333", "xAWSLogsx"}) {
    EXPECT_EQ(check_new_prefix(wrong).error().aws_code(), "InvalidS3PrefixException") << wrong;
    EXPECT_TRUE(check_prefix(wrong).ok()) << wrong;
  }
  EXPECT_TRUE(check_new_prefix("awslogs/a").ok());
  EXPECT_FALSE(check_new_prefix("a//b").ok());
  EXPECT_FALSE(check_prefix(std::string(201, 'a')).ok());
}

TEST(Names, ofTopics) {
  EXPECT_TRUE(check_topic("my_topic-1").ok());
  EXPECT_TRUE(check_topic("arn:aws:sns:eu-west-1:111122223333:topic").ok());
  for (const auto* wrong : {"", "a topic", "arn:aws:sqs:eu-west-1:111122223333:topic", "arn:aws"})
    EXPECT_FALSE(check_topic(wrong).ok()) << wrong;
  Trail trail{.account = "111122223333", .region = "eu-west-1", .topic = "t"};
  EXPECT_EQ(trail.topic_arn(), "arn:aws:sns:eu-west-1:111122223333:t");
}

TEST(Names, ofKeys) {
  const auto key = [](std::string_view text) {
    const auto got = qualified_kms_key(text, kScope);
    return got.ok() ? got.value() : std::string(got.error().aws_code());
  };
  const std::string id = "12345678-1234-1234-1234-123456789012";
  EXPECT_EQ(key(id), "arn:aws:kms:eu-west-1:111122223333:key/" + id);
  EXPECT_EQ(key("alias/mine"), "arn:aws:kms:eu-west-1:111122223333:alias/mine");
  EXPECT_EQ(key("arn:aws:kms:us-east-1:444455556666:key/" + id),
            "arn:aws:kms:us-east-1:444455556666:key/" + id);
  for (const auto* wrong : {"mine", "alias/", "arn:aws:kms:us-east-1:444455556666:id"})
    EXPECT_EQ(key(wrong), "InvalidKmsKeyIdException") << wrong;
}

TEST(Names, ofLogGroups) {
  const std::string group = "arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/Default:*";
  const std::string role = "arn:aws:iam::111122223333:role/CloudTrail";
  EXPECT_EQ(log_group_name(group), "CloudTrail/Default");
  EXPECT_EQ(fault(check_log_group(group, role, kScope)), "");
  EXPECT_EQ(fault(check_log_group("", "", kScope)), "");
  const auto code = [&](const std::string& first, const std::string& second) {
    return std::string(check_log_group(first, second, kScope).error().aws_code());
  };
  EXPECT_EQ(code("", role), "InvalidParameterCombinationException");
  EXPECT_EQ(code("arn:aws:logs:us-east-1:111122223333:log-group:g:*", role),
            "InvalidCloudWatchLogsLogGroupArnException");
  EXPECT_EQ(code("group", role), "InvalidCloudWatchLogsLogGroupArnException");
  EXPECT_EQ(code(group, ""), "InvalidCloudWatchLogsRoleArnException");
  EXPECT_EQ(code(group, "role"), "InvalidCloudWatchLogsRoleArnException");
}

}  // namespace
}  // namespace cairn::trails
