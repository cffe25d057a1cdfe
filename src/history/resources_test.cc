#include "history/resources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace cairn::history {
namespace {

std::string list(std::string_view record, ResourceRules rules = ResourceRules::every_event) {
  std::string out;
  for (const auto& resource : resources_of(record, rules))
    out += (out.empty() ? "" : " ") + resource.type + "=" + resource.name;
  return out;
}

TEST(Resources, ComeFromParametersAtAnyDepth) {
  EXPECT_EQ(
      list(R"({"eventSource":"ec2.amazonaws.com","requestParameters":{"instancesSet":{"items":[)"
           R"({"instanceId":"i-1"},{"instanceId":"i-2"}]}},"responseElements":{"instancesSet":)"
           R"({"items":[{"instanceId":"i-1"}]}}})"),
      "AWS::EC2::Instance=i-1 AWS::EC2::Instance=i-2");
  EXPECT_EQ(list(R"({"requestParameters":{"bucketName":"b"},"eventSource":"s3.amazonaws.com"})"),
            "AWS::S3::Bucket=b");
  EXPECT_EQ(list(R"({"eventSource":"iam.amazonaws.com","requestParameters":{"userName":"bob",)"
                 R"("policyArn":"arn:aws:iam::aws:policy/Admin"}})"),
            "AWS::IAM::User=bob AWS::IAM::Policy=arn:aws:iam::aws:policy/Admin");
  EXPECT_EQ(list(R"({"eventSource":"ssm.amazonaws.com","requestParameters":{"name":"/a/b",)"
                 R"("filters":[{"name":"no"}]}})"),
            "AWS::SSM::Parameter=/a/b");
}

TEST(Resources, ComeFromTheRecordsOwnList) {
  EXPECT_EQ(list(R"({"eventSource":"s3.amazonaws.com","resources":[{"accountId":"1","type":)"
                 R"("AWS::S3::Bucket","ARN":"arn:aws:s3:::b"},{"type":"AWS::S3::Object",)"
                 R"("ARN":"arn:aws:s3:::b/k/x"}],"requestParameters":{"bucketName":"b"}})"),
            "AWS::S3::Bucket=b AWS::S3::Object=b/k/x");
  EXPECT_EQ(list(R"({"eventSource":"kms.amazonaws.com","resources":[)"
                 R"({"ARN":"arn:aws:kms:r:1:key/k"}]})"),
            "AWS::KMS::Key=arn:aws:kms:r:1:key/k");
  EXPECT_EQ(list(R"({"resources":[{"ARN":"arn:aws:dynamodb:r:1:table/t","type":)"
                 R"("AWS::DynamoDB::Table"}]})"),
            "AWS::DynamoDB::Table=t");
}

TEST(Resources, OfReadsAreLeftOutAsAwsDoes) {
  const std::string_view record =
      R"({"eventSource":"ec2.amazonaws.com","readOnly":true,"requestParameters":{"vpcId":"vpc-1"}})";
  EXPECT_EQ(list(record), "AWS::EC2::VPC=vpc-1");
  EXPECT_EQ(list(record, ResourceRules::as_aws), "");
}

TEST(Resources, OddRecordsNameNone) {
  for (const std::string_view record :
       {"{}", "[]", "null", R"({"resources":null,"requestParameters":"x"})",
        R"({"resources":[1,{"ARN":7}],"eventSource":3,"requestParameters":[["a"]]})",
        R"({"eventSource":"s3.amazonaws.com","requestParameters":{"bucketName":null}})"})
    EXPECT_EQ(list(record), "") << record;
  std::string many = R"({"eventSource":"s3.amazonaws.com","requestParameters":{"x":[)";
  for (int i = 0; i < 1'500; ++i)
    many += (i > 0 ? "," : "") + std::string(R"({"bucketName":"b)") + std::to_string(i) + "\"}";
  EXPECT_EQ(resources_of(many + "]}}", ResourceRules::every_event).size(), kResourcesMax);
}

TEST(Resources, AreTheSameByNameAndByArn) {
  const auto same = [](std::string_view wanted, std::string_view name) {
    return same_resource(wanted, name, "111111111111");
  };
  EXPECT_TRUE(same("b", "b"));
  EXPECT_TRUE(same("admin", "arn:aws:iam::111111111111:role/path/admin"));
  EXPECT_TRUE(same("role/path/admin", "arn:aws:iam::111111111111:role/path/admin"));
  EXPECT_TRUE(same("arn:aws:iam::111111111111:role/admin", "admin"));
  EXPECT_TRUE(same("arn:aws:s3:::b", "b"));
  EXPECT_FALSE(same("arn:aws:iam::222222222222:role/admin", "admin"));
  EXPECT_FALSE(same("arn:aws:iam::111111111111:role/a", "arn:aws:iam::111111111111:role/b"));
  EXPECT_FALSE(same("admi", "admin"));
  EXPECT_FALSE(same("Admin", "admin"));
}

TEST(Resources, TypesKnowTheirParameters) {
  const auto names = parameters_naming("AWS::S3::Bucket");
  EXPECT_NE(std::find(names.begin(), names.end(), "bucketName"), names.end());
  EXPECT_TRUE(parameters_naming("AWS::No::Such").empty());
}

}  // namespace
}  // namespace cairn::history
