#include "aws/profile_file.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

TEST(ProfileFile, Config) {
  const auto file = parse_profile_file(R"(# mine
[default]
region = eu-west-1
s3 =
    addressing_style = path
    max_concurrent_requests=20
output=json  ; not read

[profile "audit logs"]
role_arn=arn:aws:iam::111122223333:role/reader#1
Source_Profile = default
credential_process = /opt/keys --name "a = b"
services = here
[sso-session x]
sso_region = us-east-1
[services here]
s3 =
  endpoint_url = https://minio.example
)",
                                       ProfileFileKind::config);
  ASSERT_TRUE(file.ok()) << file.error().message();
  const auto& profiles = file.value().profiles;
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_EQ(profiles.at("default").at("region"), "eu-west-1");
  EXPECT_EQ(profiles.at("default").at("s3.addressing_style"), "path");
  EXPECT_EQ(profiles.at("default").at("output"), "json");
  const auto& audit = profiles.at("audit logs");
  EXPECT_EQ(audit.at("role_arn"), "arn:aws:iam::111122223333:role/reader#1");
  EXPECT_EQ(audit.at("source_profile"), "default");
  EXPECT_EQ(audit.at("credential_process"), "/opt/keys --name \"a = b\"");
  EXPECT_EQ(file.value().services.at("here").at("s3.endpoint_url"), "https://minio.example");
}

TEST(ProfileFile, Credentials) {
  const auto file = parse_profile_file(
      "\xEF\xBB\xBF[default]\r\naws_access_key_id=AK\r\naws_secret_access_key = a/b+c==\r\n"
      "[other]\r\naws_access_key_id = X",
      ProfileFileKind::credentials);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file.value().profiles.at("default").at("aws_secret_access_key"), "a/b+c==");
  EXPECT_EQ(file.value().profiles.at("other").at("aws_access_key_id"), "X");
}

TEST(ProfileFile, ABrokenLineIsNamedButNotShown) {
  const auto file = parse_profile_file("[default]\n\nSECRETVALUE\n", ProfileFileKind::credentials);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message(), "line 3 is neither [section] nor name = value");
  EXPECT_FALSE(parse_profile_file("a = b", ProfileFileKind::config).ok());
  EXPECT_FALSE(parse_profile_file("[default\n", ProfileFileKind::config).ok());
}

}  // namespace
}  // namespace cairn::aws
