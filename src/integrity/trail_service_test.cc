#include "integrity/trail_service.h"

#include "base/base64.h"
#include "base/time.h"
#include "integrity/testing/chain_maker.h"
#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>

namespace cairn::integrity {
namespace {

using io::testing::HttpServer;
using io::testing::Received;
using io::testing::Reply;

class TrailServiceTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<TrailService>> open(const std::string& endpoint) {
    TrailServiceOptions options;
    options.endpoint = endpoint;
    return open_trail_service(options, {*credentials_, time_, time_, random_});
  }

  static std::string key(std::string_view name) {
    return fmt::format(R"({{"Value":"{}","Fingerprint":"{}"}})",
                       encode_base64(testing::test_key().public_der()), name);
  }

  std::unique_ptr<io::CredentialsProvider> credentials_ =
      io::make_static_credentials({.access_key = "AK", .secret_key = "SECRET"});
  io::testing::FakeTime time_;
  io::testing::FakeRandom random_;
};

TEST_F(TrailServiceTest, lists_keys_page_by_page) {
  HttpServer server([&](const Received& request) -> Reply {
    if (request.body.find("NextToken") == std::string::npos)
      return {.body = R"({"PublicKeyList":[)" + key("one") + R"(],"NextToken":"more"})"};
    return {.body = R"({"PublicKeyList":[)" + key("two") + "]}"};
  });
  const auto service = open(server.url()).value();
  const auto keys = service->keys("eu-west-1", 1000 * kMicrosPerSecond, 2000 * kMicrosPerSecond);
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys.value().size(), 2u);
  EXPECT_TRUE(keys.value().find("two")->key);
  const auto requests = server.received();
  EXPECT_EQ(requests[0].body, R"({"EndTime":2000,"StartTime":1000})");
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-target"),
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys");
  EXPECT_NE(aws::find_header(requests[0].headers, "authorization").find("/eu-west-1/cloudtrail/"),
            std::string_view::npos);
}

TEST_F(TrailServiceTest, finds_where_a_trail_delivers) {
  HttpServer server([](const Received&) -> Reply {
    return {.body = R"({"trailList":[5,{"TrailARN":"other"},{"TrailARN":"arn","S3BucketName":"b",)"
                    R"("S3KeyPrefix":"p","IsOrganizationTrail":true}]})"};
  });
  const auto service = open(server.url()).value();
  const auto place = service->find_trail("arn", "us-east-1").value();
  EXPECT_EQ(place.bucket, "b");
  EXPECT_EQ(place.prefix, "p");
  EXPECT_TRUE(place.of_organization);
  EXPECT_EQ(service->find_trail("absent", "us-east-1").error().kind(), ErrorKind::not_found);
}

TEST_F(TrailServiceTest, says_what_is_wrong) {
  HttpServer server([](const Received& request) -> Reply {
    if (request.body == "{}") return {.body = "[]"};
    return {.status = 400, .body = R"({"__type":"AccessDeniedException","Message":"not for you"})"};
  });
  const auto service = open(server.url()).value();
  const auto refused = service->keys("us-east-1", 0, 0);
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission_denied);
  EXPECT_NE(refused.error().message().find("ask CloudTrail in us-east-1 (ListPublicKeys)"),
            std::string::npos);
  EXPECT_EQ(service->find_trail("arn", "us-east-1").error().kind(), ErrorKind::not_found);
  EXPECT_EQ(service->keys("../evil", 0, 0).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(open("no url").error().kind(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace cairn::integrity
