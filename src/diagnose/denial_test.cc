#include "diagnose/denial.h"

#include <gtest/gtest.h>

namespace cairn::diagnose {
namespace {

TEST(Denial, ReadsIamsSentence) {
  const auto denial = parse_denial(
      "AccessDenied",
      "User: arn:aws:sts::1:assumed-role/R/s is not authorized to perform: "
      "organizations:LeaveOrganization on resource: * because no identity-based policy allows the "
      "organizations:LeaveOrganization action");
  EXPECT_EQ(denial.user, "arn:aws:sts::1:assumed-role/R/s");
  EXPECT_EQ(denial.action, "organizations:LeaveOrganization");
  EXPECT_EQ(denial.resource, "*");
  EXPECT_EQ(denial.reason, DenialReason::no_identity_policy);
}

TEST(Denial, ReadsEc2sSentence) {
  const auto denial = parse_denial(
      "Client.UnauthorizedOperation",
      "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not "
      "authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:1:instance/* "
      "with an explicit deny in a service control policy. Encoded authorization failure message: "
      "AbC-_9");
  EXPECT_EQ(denial.action, "ec2:RunInstances");
  EXPECT_EQ(denial.resource, "arn:aws:ec2:us-east-1:1:instance/*");
  EXPECT_EQ(denial.reason, DenialReason::deny_service_control);
  EXPECT_EQ(denial.encoded, "AbC-_9");
}

void check_reason(std::string_view message, DenialReason want) {
  SCOPED_TRACE(std::string(message));
  EXPECT_EQ(key_of(parse_denial("AccessDenied", message).reason), key_of(want));
}

TEST(Denial, TellsTheReasonsApart) {
  check_reason("because no permissions boundary allows the s3:GetObject action",
               DenialReason::no_boundary);
  check_reason("because no session policy allows the s3:GetObject action",
               DenialReason::no_session_policy);
  check_reason("because no resource-based policy allows the s3:GetObject action",
               DenialReason::no_resource_policy);
  check_reason("because no VPC endpoint policy allows the s3:GetObject action",
               DenialReason::no_endpoint_policy);
  check_reason("because no service control policy allows the s3:GetObject action",
               DenialReason::no_service_control);
  check_reason("with an explicit deny in an identity-based policy",
               DenialReason::deny_identity_policy);
  check_reason("with an explicit deny in a resource-based policy",
               DenialReason::deny_resource_policy);
  check_reason("with an explicit deny in a permissions boundary", DenialReason::deny_boundary);
  check_reason("with an explicit deny in a VPC endpoint policy",
               DenialReason::deny_endpoint_policy);
  check_reason("with an explicit deny in a resource control policy",
               DenialReason::deny_resource_control);
  check_reason("with an explicit deny", DenialReason::explicit_deny);
  check_reason("The request was denied due to a VPC endpoint policy",
               DenialReason::deny_endpoint_policy);
  check_reason("Encoded authorization failure message: x", DenialReason::encoded);
  check_reason("Access Denied", DenialReason::not_said);
  EXPECT_TRUE(is_explicit_deny(DenialReason::deny_session_policy));
  EXPECT_FALSE(is_explicit_deny(DenialReason::no_endpoint_policy));
}

TEST(Denial, SurvivesOddMessages) {
  for (const std::string_view message : {"", "User: ", "on resource: ", "authorized to perform: ",
                                         "is not authorized to perform: on resource: because "})
    EXPECT_EQ(parse_denial("AccessDenied", message).action, "") << message;
}

TEST(IamAction, MapsServicesAndNames) {
  const auto check = [](std::string_view source, std::string_view name, std::string_view want) {
    EXPECT_EQ(iam_action(source, name), want);
  };
  check("ec2.amazonaws.com", "CreateNetworkInterface", "ec2:CreateNetworkInterface");
  check("monitoring.amazonaws.com", "PutMetricData", "cloudwatch:PutMetricData");
  check("email.amazonaws.com", "SendEmail", "ses:SendEmail");
  check("s3.amazonaws.com", "ListObjectsV2", "s3:ListBucket");
  check("s3.amazonaws.com", "HeadObject", "s3:GetObject");
  check("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets");
  check("s3.amazonaws.com", "GetBucketEncryption", "s3:GetEncryptionConfiguration");
  check("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction");
  check("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode");
  check("lambda.amazonaws.com", "Invoke", "lambda:InvokeFunction");
  check("cloudfront.amazonaws.com", "GetDistribution2020_05_31", "cloudfront:GetDistribution");
  check("ec2.amazonaws.com.cn", "RunInstances", "ec2:RunInstances");
  check("signin.amazonaws.com", "ConsoleLogin", "");
  check("", "X", "");
}

TEST(Names, AreWithoutTheirArn) {
  EXPECT_EQ(short_name("arn:aws:sts::1:assumed-role/Node/i-1"), "Node");
  EXPECT_EQ(short_name("arn:aws:iam::1:role/path/Node"), "Node");
  EXPECT_EQ(short_name("arn:aws:iam::1:user/alice"), "alice");
  EXPECT_EQ(short_name("arn:aws:iam::1:root"), "root");
  EXPECT_EQ(short_name("eks.amazonaws.com"), "eks.amazonaws.com");
  EXPECT_TRUE(is_role("arn:aws:iam::1:role/Node"));
  EXPECT_FALSE(is_role("arn:aws:iam::1:user/role"));
}

}  // namespace
}  // namespace cairn::diagnose
