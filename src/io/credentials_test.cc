#include "io/credentials.h"

#include "base/time.h"
#include "io/file.h"
#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

namespace cairn::io {
namespace {

using testing::FakeRandom;
using testing::FakeTime;
using testing::HttpServer;
using testing::Received;
using testing::Reply;

constexpr std::string_view kJsonKeys =
    R"({"Code":"Success","AccessKeyId":"META","SecretAccessKey":"s","Token":"t",)"
    R"("Expiration":"2025-03-14T15:00:00Z"})";

std::string sts_answer(std::string_view access_key, std::string_view expires) {
  return fmt::format(
      "<R><R><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
      "<SessionToken>t</SessionToken><Expiration>{}</Expiration></Credentials></R></R>",
      access_key, expires);
}

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    env_["AWS_CONFIG_FILE"] = write("config", "");
    env_["AWS_SHARED_CREDENTIALS_FILE"] = write("credentials", "");
    env_["AWS_EC2_METADATA_DISABLED"] = "true";
  }

  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    const auto path = (folder_ / name).string();
    EXPECT_TRUE(write_file(path, text).ok());
    return path;
  }

  Result<AwsSettings> settings(std::string profile = "") {
    return AwsSettings::load(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = env_.find(name);
          return found == env_.end() ? std::nullopt : std::optional(found->second);
        },
        std::move(profile));
  }

  std::unique_ptr<CredentialsProvider> chain(std::string profile = "") {
    auto loaded = settings(std::move(profile));
    EXPECT_TRUE(loaded.ok());
    return make_credentials_chain(std::move(loaded).value(), {time_, time_, random_});
  }

  /// The access key that the chain ends at, or its error.
  std::string key(std::string profile = "") {
    const auto found = chain(std::move(profile))->get();
    return found.ok() ? found.value().access_key : found.error().message();
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> env_;
  FakeTime time_;
  FakeRandom random_;
};

TEST_F(CredentialsTest, Environment) {
  env_["AWS_ACCESS_KEY_ID"] = "ENV";
  env_["AWS_SECRET_ACCESS_KEY"] = "s";
  env_["AWS_SESSION_TOKEN"] = "t";
  write("credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  EXPECT_EQ(key(), "ENV");
  EXPECT_EQ(chain()->get().value().session_token, "t");
  EXPECT_EQ(key("default"), "FILE");  // a profile that is asked for goes first
}

TEST_F(CredentialsTest, ProfilesOfBothFiles) {
  write("config",
        "[default]\nregion=eu-west-1\naws_access_key_id=CONFIG\naws_secret_access_key=s\n"
        "[profile a]\naws_access_key_id=A\naws_secret_access_key=s\n");
  EXPECT_EQ(key(), "CONFIG");
  EXPECT_EQ(settings().value().region(), "eu-west-1");
  write("credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  EXPECT_EQ(key(), "FILE");
  env_["AWS_PROFILE"] = "a";
  EXPECT_EQ(key(), "A");
  EXPECT_EQ(settings("aa").error().message(),
            "no AWS profile 'aa' in the config and credentials files; hint: did you mean 'a'?");
  write("credentials", "[default]\nSECRET\n");
  EXPECT_EQ(settings().error().message(),
            fmt::format("cannot read '{}': line 2 is neither [section] nor name = value",
                        (folder_ / "credentials").string()));
}

TEST_F(CredentialsTest, RolesAreTakenOneAfterTheOther) {
  HttpServer sts([](const Received& request) -> Reply {
    const bool first = request.body.find("first") != std::string::npos;
    return {.body = sts_answer(first ? "FIRST" : "SECOND", "2025-03-14T10:00:00Z")};
  });
  env_["AWS_ENDPOINT_URL_STS"] = sts.url();
  write("credentials", "[base]\naws_access_key_id=BASE\naws_secret_access_key=s\n");
  write("config",
        "[profile one]\nrole_arn=arn:aws:iam::1:role/first\nsource_profile=base\n"
        "external_id=x/y\nduration_seconds=900\nrole_session_name=me\n"
        "[profile two]\nrole_arn=arn:aws:iam::1:role/second\nsource_profile=one\n");
  EXPECT_EQ(key("two"), "SECOND");
  const auto requests = sts.received();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Ffirst"
            "&RoleSessionName=me&DurationSeconds=900&ExternalId=x%2Fy");
  const auto authorization = [&](size_t i) {
    return std::string(aws::find_header(requests[i].headers, "authorization"));
  };
  EXPECT_NE(authorization(0).find("Credential=BASE/20250314/us-east-1/sts/"), std::string::npos);
  EXPECT_NE(authorization(1).find("Credential=FIRST/"), std::string::npos);
  EXPECT_NE(requests[1].body.find("RoleSessionName=cairn-1741942800"), std::string::npos);
}

TEST_F(CredentialsTest, AProfileMayBeItsOwnSource) {
  HttpServer sts(
      [](const Received&) -> Reply { return {.body = sts_answer("R", "2025-03-14T10:00:00Z")}; });
  env_["AWS_ENDPOINT_URL_STS"] = sts.url();
  write("config",
        "[profile p]\nrole_arn=r\nsource_profile=p\naws_access_key_id=K\n"
        "aws_secret_access_key=s\n");
  EXPECT_EQ(key("p"), "R");
}

TEST_F(CredentialsTest, MistakesInProfilesAreNamed) {
  write("config",
        "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n"
        "[profile c]\nrole_arn=r\nsource_profile=none\n[profile d]\nrole_arn=r\n"
        "[profile e]\nrole_arn=r\nmfa_serial=m\n[profile f]\nsso_session=s\n"
        "[profile g]\nrole_arn=r\ncredential_source=Environment\n");
  EXPECT_EQ(key("a"), "the source_profile of profile 'a' leads back to itself");
  EXPECT_EQ(key("c"), "the source_profile 'none' of profile 'c' is in neither profile file");
  EXPECT_NE(key("d").find("neither source_profile nor"), std::string::npos);
  EXPECT_NE(key("e").find("MFA"), std::string::npos);
  EXPECT_NE(key("f").find("export-credentials --profile f"), std::string::npos);
  EXPECT_EQ(key("g"),
            "profile 'g' takes a role with the credentials of Environment, which has none");
}

TEST_F(CredentialsTest, WebIdentityIsNotSigned) {
  HttpServer sts(
      [](const Received&) -> Reply { return {.body = sts_answer("WEB", "2025-03-14T10:00:00Z")}; });
  env_["AWS_ENDPOINT_URL_STS"] = sts.url();
  env_["AWS_ROLE_ARN"] = "r";
  env_["AWS_ROLE_SESSION_NAME"] = "pod";
  env_["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", "eyJ.x\n");
  EXPECT_EQ(key(), "WEB");
  const auto request = sts.received().at(0);
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=pod"
            "&WebIdentityToken=eyJ.x");
  EXPECT_EQ(aws::find_header(request.headers, "authorization"), "");
}

TEST_F(CredentialsTest, ARefusedRoleIsTheEnd) {
  HttpServer sts([](const Received&) -> Reply {
    return {.status = 403,
            .body =
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
                "</ErrorResponse>"};
  });
  env_["AWS_ENDPOINT_URL_STS"] = sts.url();
  write("config",
        "[default]\nrole_arn=arn:r\nsource_profile=k\n"
        "[profile k]\naws_access_key_id=K\naws_secret_access_key=TOPSECRET\n");
  EXPECT_EQ(key(),
            "cannot take the role arn:r: AccessDenied: no; hint: check the permissions of "
            "the role or user whose keys are used");
}

TEST_F(CredentialsTest, Process) {
  write("config",
        "[default]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC\","
        "\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\"}'\n"
        "[profile bad]\ncredential_process = exit 3\n[profile odd]\ncredential_process = echo x\n");
  EXPECT_EQ(key(), "PROC");
  EXPECT_EQ(key("bad"), "credential_process failed: it ended with status 3");
  EXPECT_EQ(key("odd"), "cannot use credential_process: the answer is not a JSON object");
}

TEST_F(CredentialsTest, Container) {
  HttpServer metadata([](const Received&) -> Reply { return {.body = std::string(kJsonKeys)}; });
  env_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/keys");
  env_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = write("token", "Basic x\n");
  EXPECT_EQ(key(), "META");
  EXPECT_EQ(aws::find_header(metadata.received().at(0).headers, "authorization"), "Basic x");
  env_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/keys";
  EXPECT_NE(key().find("must be https"), std::string::npos);
}

TEST_F(CredentialsTest, InstanceBySessionToken) {
  HttpServer metadata([](const Received& request) -> Reply {
    if (request.method == "PUT") return {.body = "TOKEN"};
    if (aws::find_header(request.headers, "X-aws-ec2-metadata-token") != "TOKEN")
      return {.status = 401};
    if (request.target.ends_with("/security-credentials/")) return {.body = "reader\n"};
    return request.target.ends_with("/security-credentials/reader")
               ? Reply{.body = std::string(kJsonKeys)}
               : Reply{.status = 404};
  });
  env_.erase("AWS_EC2_METADATA_DISABLED");
  env_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url();
  EXPECT_EQ(key(), "META");
  env_["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_NE(key().find("no AWS credentials found"), std::string::npos);
}

TEST_F(CredentialsTest, RenewedBeforeTheyExpire) {
  int asked = 0;
  bool down = false;
  HttpServer metadata([&](const Received&) -> Reply {
    ++asked;
    if (down) return {.status = 404};
    return {.body =
                fmt::format(R"({{"AccessKeyId":"K{}","SecretAccessKey":"s","Expiration":"{}"}})",
                            asked, format_iso8601(time_.now_us() + kMicrosPerHour))};
  });
  env_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/keys");
  const auto credentials = chain();
  EXPECT_EQ(credentials->get().value().access_key, "K1");
  EXPECT_EQ(credentials->get().value().access_key, "K1");
  time_.wait_us(56 * kMicrosPerMinute);
  EXPECT_EQ(credentials->get().value().access_key, "K2");
  credentials->forget();
  EXPECT_EQ(credentials->get().value().access_key, "K3");
  down = true;
  time_.wait_us(56 * kMicrosPerMinute);
  EXPECT_EQ(credentials->get().value().access_key, "K3");  // still holds
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(credentials->get().value().access_key, "K3");
  EXPECT_EQ(asked, 4);  // not asked at each call
  time_.wait_us(5 * kMicrosPerMinute);
  EXPECT_FALSE(credentials->get().ok());
}

TEST_F(CredentialsTest, EndpointsAndBundles) {
  write("config",
        "[default]\nservices = here\nendpoint_url = http://all\nca_bundle=/b.pem\n"
        "[services here]\ns3 =\n  endpoint_url = http://minio\n");
  EXPECT_EQ(settings().value().endpoint("s3"), "http://minio");
  EXPECT_EQ(settings().value().endpoint("sqs"), "http://all");
  EXPECT_EQ(settings().value().ca_bundle(), "/b.pem");
  env_["AWS_ENDPOINT_URL"] = "http://env";
  env_["AWS_ENDPOINT_URL_SQS"] = "http://sqs";
  EXPECT_EQ(settings().value().endpoint("s3"), "http://env");
  EXPECT_EQ(settings().value().endpoint("sqs"), "http://sqs");
}

}  // namespace
}  // namespace cairn::io
