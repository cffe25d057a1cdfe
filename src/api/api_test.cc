#include "api/api.h"

#include "api/answer.h"
#include "api/cloudtrail/lookup_events.h"
#include "api/service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::api {
namespace {

class FixedClock final : public io::Clock {
 public:
  int64_t now_us() const override { return 1'774'000'000'500'000; }  // 2026-03-20T09:46:40.5Z
};

class CountingRandom final : public io::Random {
 public:
  uint64_t next() override { return ++last_; }

 private:
  uint64_t last_ = 0;
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    ApiOptions options;
    options.authenticate = [this](const aws::ServerRequest& request, std::string_view service,
                                  access::ErrorStyle /*style*/) -> access::AuthResult {
      asked_service_ = service;
      if (aws::find_header(request.headers, "authorization").empty())
        return access::AuthFailure{.status = 400,
                                   .code = "MissingAuthenticationTokenException",
                                   .message = "Missing Authentication Token"};
      return access::Authenticated{.caller = {.access_key_id = "AKIAEXAMPLE",
                                              .role = role_,
                                              .account = "111122223333",
                                              .user_name = "alice",
                                              .principal_id = "AIDAEXAMPLE",
                                              .arn = "arn:aws:iam::111122223333:user/alice"},
                                   .region = "eu-west-1",
                                   .service = std::string(service),
                                   .body = request.body};
    };
    options.book_record = [this]() -> Result<WriteRecord> {
      if (disk_is_full_) return Error{ErrorKind::unavailable, "no space at /var/lib/cairn"};
      ++booked_;
      return WriteRecord([this](const std::string& record) -> Status {
        if (disk_breaks_) return Error{ErrorKind::unavailable, "cannot write /var/lib/cairn"};
        recorded_.push_back(Json::parse(record));
        return {};
      });
    };
    options.authenticate_head =
        [](const aws::ServerRequest& head, std::string_view /*service*/,
           access::ErrorStyle /*style*/) -> std::optional<access::AuthFailure> {
      if (!aws::find_header(head.headers, "authorization").empty()) return std::nullopt;
      return access::AuthFailure{.status = 403, .code = "AccessDenied", .message = "no key"};
    };
    options.report_error = [this](const std::string& request_id, const Error& error) {
      reported_.push_back(request_id + ": " + error.message());
    };
    options.paths["/healthz"] = [](const aws::ServerRequest&) {
      return aws::ServerResponse{.body = "ok"};
    };
    api_ = Api::create(std::move(options), {}, clock_, random_).value();
  }

  aws::ServerResponse send(std::string target, std::string body, bool is_signed = true) {
    aws::ServerRequest request{.method = "POST",
                               .target = "/",
                               .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                           {"X-Amz-Target", std::move(target)},
                                           {"User-Agent", "aws-cli/2"}},
                               .body = std::move(body),
                               .remote_address = "192.0.2.7",
                               .tls = aws::TlsDetails{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "cairn"},
                               .request_id = "the-request"};
    if (is_signed) request.headers.push_back({"Authorization", "AWS4-HMAC-SHA256 …"});
    return api_->handle(std::move(request));
  }

  static std::string target(const std::string& operation) {
    return "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." + operation;
  }

  FixedClock clock_;
  CountingRandom random_;
  access::Role role_ = access::Role::admin;
  std::string asked_service_;
  bool disk_is_full_ = false;
  bool disk_breaks_ = false;
  int booked_ = 0;
  std::vector<Json> recorded_;
  std::vector<std::string> reported_;
  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, RefusesWhoIsNotSigned) {
  const auto response = send(target("ListTrails"), "{}", false);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"__type":"MissingAuthenticationTokenException","Message":"Missing Authentication Token"})");
  EXPECT_EQ(asked_service_, "cloudtrail");
  EXPECT_TRUE(recorded_.empty());
}

TEST_F(ApiTest, RefusesACallWhoseRecordCouldNotBeKept) {
  disk_is_full_ = true;
  const auto response = send(target("ListTrails"), "{}");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.error_code, "ServiceUnavailable");
  EXPECT_EQ(response.body.find("/var"), std::string::npos) << response.body;
  EXPECT_TRUE(recorded_.empty());
  disk_is_full_ = false;
  send(target("ListTrails"), "{}");
  EXPECT_EQ(booked_, 1);
  EXPECT_EQ(recorded_.size(), 1U);
}

TEST_F(ApiTest, GivesNoAnswerToACallThatIsNotRecorded) {
  const auto body = R"({"Action":"GetCallerIdentity"})";
  EXPECT_NE(send(target("ListTrails"), body).status, 503);
  disk_breaks_ = true;
  const auto response = send(target("ListTrails"), body);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.error_code, "ServiceUnavailable");
  EXPECT_EQ(response.body.find("/var"), std::string::npos) << response.body;
}

TEST_F(ApiTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(send(target("Nonsense"), "{}").error_code, "UnknownOperationException");
  EXPECT_EQ(send("Some.Target", "{}").error_code, "UnknownOperationException");
  EXPECT_EQ(send(target("ListTrails"), "{").error_code, "SerializationException");
  EXPECT_EQ(send(target("ListTrails"), "[]").error_code, "SerializationException");
  EXPECT_EQ(send(target("ListTrails"), R"({"a":)" + std::string(100'000, '[')).error_code,
            "SerializationException");
  EXPECT_EQ(send(target("ListTrails"), "{\"a\":\"\xff\"}").error_code, "SerializationException");
  EXPECT_EQ(send(target("GenerateQuery"), R"({"EventDataStores":["arn"],"Prompt":"who did it"})")
                .error_code,
            "UnsupportedOperationException");
}

TEST_F(ApiTest, RefusesByTheHeadInTheProtocolsForm) {
  aws::ServerRequest head{.method = "POST", .target = "/", .request_id = "r"};
  head.headers = {{"X-Amz-Target", target("ListTrails")}};
  auto refusal = api_->check_head(head);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->body, R"({"__type":"AccessDenied","Message":"no key"})");
  EXPECT_EQ(refusal->operation, "ListTrails");
  head.target = "/bucket/key";
  head.headers.clear();
  refusal = api_->check_head(head);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_NE(refusal->body.find("<Code>AccessDenied</Code>"), std::string::npos);
  head.headers = {{"Authorization", "AWS4-HMAC-SHA256 …"}};
  EXPECT_FALSE(api_->check_head(head).has_value());
  head = {.method = "POST", .target = "/healthz"};
  EXPECT_FALSE(api_->check_head(head).has_value());
}

TEST_F(ApiTest, AFullServerAsksToTryLater) {
  aws::ServerRequest head{.method = "POST", .target = "/", .request_id = "r"};
  head.headers = {{"X-Amz-Target", target("ListTrails")}};
  auto refused = api_->refuse(aws::HttpFault::too_many_requests, head);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error_code, "ServiceUnavailable");
  EXPECT_FALSE(aws::find_header(refused.headers, "retry-after").empty());
  head.headers.clear();
  head.target = "/bucket/key";
  refused = api_->refuse(aws::HttpFault::too_many_requests, head);
  EXPECT_EQ(refused.error_code, "SlowDown");
  EXPECT_FALSE(aws::find_header(refused.headers, "retry-after").empty());
  EXPECT_EQ(api_->refuse(aws::HttpFault::failed, head).error_code, "InternalError");
}

TEST(WireError, KeepsFromClientsWhatIsNotTheirs) {
  // Messages with a code were written for clients; hints are for the command line.
  const Error coded(ErrorKind::invalid_argument, "it is wrong\nhint: leave out --aws",
                    "WrongException");
  auto wire = wire_error(coded, Protocol::json);
  EXPECT_EQ(wire.status, 400);
  EXPECT_EQ(wire.code, "WrongException");
  EXPECT_EQ(wire.message, "it is wrong");
  EXPECT_EQ(
      wire_error(Error(ErrorKind::not_found, "no; hint: look", "NoSuchThing"), Protocol::query)
          .message,
      "no");
  for (const auto kind :
       {ErrorKind::invalid_argument, ErrorKind::not_found, ErrorKind::already_exists,
        ErrorKind::permission_denied, ErrorKind::corrupt, ErrorKind::unavailable,
        ErrorKind::exhausted, ErrorKind::internal})
    for (const auto protocol :
         {Protocol::json, Protocol::rest_json, Protocol::query, Protocol::s3}) {
      const Error error(kind, "cannot open '/srv/cairn/state.db'\nhint: name another --home");
      wire = wire_error(error, protocol);
      const bool passes = kind == ErrorKind::unavailable || kind == ErrorKind::exhausted;
      EXPECT_EQ(wire.status, passes ? 503 : 500);
      EXPECT_EQ(wire.code, passes                     ? "ServiceUnavailable"
                           : protocol == Protocol::s3 ? "InternalError"
                                                      : "InternalFailure");
      EXPECT_EQ(wire.message.find("/srv"), std::string::npos);
      EXPECT_EQ(wire.message.find("hint"), std::string::npos);
      EXPECT_EQ(answer_with(Route{.protocol = protocol}, {}, error).cause, error.message());
    }
}

TEST_F(ApiTest, ChecksRightsBeforeShapes) {
  role_ = access::Role::auditor;
  const auto response = send(target("CreateTrail"), "{}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.error_code, "AccessDeniedException");
  ASSERT_EQ(recorded_.size(), 1U);
  EXPECT_EQ(recorded_[0]["errorCode"], "AccessDeniedException");
  EXPECT_EQ(recorded_[0]["errorMessage"],
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: "
            "cloudtrail:CreateTrail because no identity-based policy allows the "
            "cloudtrail:CreateTrail action");
  role_ = access::Role::operator_;
  EXPECT_EQ(send(target("CreateTrail"), "{}").error_code, "ValidationException");
}

TEST_F(ApiTest, RecordsItsCallsAsAwsDoes) {
  send(target("GenerateQuery"),
       R"({"EventDataStores":["arn:x"],"Prompt":"who did it","StartTime":1774000000,"X":null})");
  ASSERT_EQ(recorded_.size(), 1U);
  EXPECT_EQ(
      recorded_[0].dump(),
      R"({"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE",)"
      R"("arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333",)"
      R"("accessKeyId":"AKIAEXAMPLE","userName":"alice"},"eventTime":"2026-03-20T09:46:40Z",)"
      R"("eventSource":"cloudtrail.amazonaws.com","eventName":"GenerateQuery",)"
      R"("awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2",)"
      R"("errorCode":"UnsupportedOperationException",)"
      R"("errorMessage":"The requested operation is not supported.",)"
      R"("requestParameters":{"eventDataStores":["arn:x"],"prompt":"who did it",)"
      R"("startTime":"Mar 20, 2026, 9:46:40 AM"},"responseElements":null,)"
      R"("requestID":"the-request","eventID":"00000000-0000-4001-8000-000000000002",)"
      R"("readOnly":false,"eventType":"AwsApiCall","managementEvent":true,)"
      R"("recipientAccountId":"111122223333","eventCategory":"Management",)"
      R"("tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",)"
      R"("clientProvidedHostHeader":"cairn"}})");
}

TEST_F(ApiTest, SpeaksTheQueryProtocol) {
  aws::ServerRequest request{
      .method = "POST",
      .target = "/",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Authorization", "x"}},
      .body = "Action=GetCallerIdentity&Version=2011-06-15",
      .request_id = "r1"};
  auto response = api_->handle(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/alice</Arn>"
            "<UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>r1</RequestId>"
            "</ResponseMetadata></GetCallerIdentityResponse>");
  request.body = "Action=Nothing&Version=2011-06-15";
  EXPECT_EQ(api_->handle(request).error_code, "InvalidAction");
}

TEST_F(ApiTest, TellsOfFaultsInTheClientsProtocol) {
  aws::ServerRequest head{.method = "POST", .target = "/", .headers = {{"X-Amz-Target", "a.b"}}};
  EXPECT_EQ(
      api_->refuse(aws::HttpFault::body_too_large, head).body,
      R"({"__type":"RequestEntityTooLargeException","Message":"The request is larger than the limit."})");
  head.headers.clear();
  const auto response = api_->refuse(aws::HttpFault::malformed, head);
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("<Code>MalformedHttpRequestException</Code>"), std::string::npos);
}

TEST_F(ApiTest, PathsAreAnsweredByTheirHandlers) {
  EXPECT_EQ(api_->handle({.method = "GET", .target = "/healthz?x=1"}).body, "ok");
  EXPECT_EQ(
      api_->handle({.method = "GET", .target = "/bucket/key", .headers = {{"Authorization", "x"}}})
          .error_code,
      "NotImplemented");
  EXPECT_EQ(asked_service_, "s3");
}

TEST(FindRoute, TakesEveryFormOfXAmzTarget) {
  const auto route = [](const std::string& target) {
    return find_route({.method = "POST", .target = "/", .headers = {{"X-Amz-Target", target}}}, "");
  };
  for (const auto& service : services()) {
    if (service.target.empty()) continue;
    for (const std::string package : {"", "com.amazonaws.x.v1."}) {
      const auto target = fmt::format("{}{}.{}", package, service.target, "Operation");
      SCOPED_TRACE(target);
      EXPECT_EQ(route(target).service, &service);
      EXPECT_EQ(route(target).operation, "Operation");
    }
  }
  for (const auto* const target : {"CloudTrail_20131101", "xCloudTrail_20131101.Operation",
                                   "CloudTrail_20131101x.Operation", ".", "..", "a.b"})
    EXPECT_EQ(route(target).service, nullptr) << target;
  EXPECT_EQ(route("CloudTrail_20131101.").operation, "");
}

TEST(EventHistory, AsksNothingForAClientThatIsGone) {
  EventHistoryOptions options;
  options.lake.lake.location = "/nowhere";
  EventHistory history(options);
  const auto take = [](history::Event&&) { return true; };
  EXPECT_EQ(history.lookup({}, take, [] { return true; }).error().kind(), ErrorKind::unavailable);
  EXPECT_NE(history.lookup({}, take, [] { return false; }).error().kind(), ErrorKind::unavailable);
}

}  // namespace
}  // namespace cairn::api
