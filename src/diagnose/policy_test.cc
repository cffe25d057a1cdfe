#include "diagnose/policy.h"

#include <gtest/gtest.h>

namespace cairn::diagnose {
namespace {

constexpr const char* kRole = "arn:aws:iam::111122223333:role/app";

FailureGroup denied(std::string action, std::string resource,
                    DenialReason reason = DenialReason::no_identity_policy,
                    std::string caller = kRole) {
  FailureGroup group;
  group.error_class = ErrorClass::permission;
  group.caller = std::move(caller);
  group.call = action;
  group.action = std::move(action);
  group.resource = std::move(resource);
  group.reason = reason;
  group.events = 2;
  return group;
}

TEST(Policy, PutsWhatBelongsTogetherIntoOneStatement) {
  const std::vector<FailureGroup> groups{denied("s3:GetObject", "arn:aws:s3:::b/1"),
                                         denied("s3:GetObject", "arn:aws:s3:::b/2"),
                                         denied("s3:ListBucket", "arn:aws:s3:::b")};
  const auto policies = suggest_policies(groups);
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0].events, 6U);
  EXPECT_EQ(policy_json(policies[0]), R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": [
        "arn:aws:s3:::b/1",
        "arn:aws:s3:::b/2"
      ]
    },
    {
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::b"
    }
  ]
}
)");
}

TEST(Policy, SuggestsNothingWhereItCannotHelp) {
  for (const auto reason : {DenialReason::deny_service_control, DenialReason::explicit_deny,
                            DenialReason::no_session_policy, DenialReason::no_endpoint_policy}) {
    const std::vector<FailureGroup> groups{denied("s3:GetObject", "*", reason)};
    const auto policies = suggest_policies(groups);
    ASSERT_EQ(policies.size(), 1U);
    EXPECT_TRUE(policies[0].statements.empty());
    EXPECT_EQ(policy_json(policies[0]), "");
    EXPECT_EQ(policies[0].notes.size(), 1U);
  }
}

TEST(Policy, SaysWhatItAssumed) {
  const std::vector<FailureGroup> groups{
      denied("ec2:RunInstances", "", DenialReason::encoded),
      denied("sts:AssumeRole", "arn:aws:iam::1:role/x", DenialReason::not_said)};
  const auto policies = suggest_policies(groups);
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0].statements.size(), 2U);
  EXPECT_EQ(policies[0].notes.size(), 3U);
}

TEST(Policy, IsForIdentitiesOfIamOnly) {
  const std::vector<FailureGroup> groups{
      denied("s3:GetObject", "*", DenialReason::no_identity_policy, "config.amazonaws.com")};
  EXPECT_TRUE(suggest_policies(groups).front().statements.empty());
}

}  // namespace
}  // namespace cairn::diagnose
