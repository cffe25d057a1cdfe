// The operations on trails, from request to answer.
#include "api/api.h"
#include "trails/testing/world.h"

namespace cairn::api {
namespace {

using trails::testing::kHour;
using trails::testing::World;

class TrailOperationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.options.topics["topic"] = {{.url = "http://127.0.0.1:1/"}};
    world_.open();
    set_up_api();
  }

  void set_up_api() {
    ApiOptions options;
    options.authenticate = [this](const aws::ServerRequest& request, std::string_view service,
                                  access::ErrorStyle /*style*/) -> access::AuthResult {
      return access::Authenticated{.caller = {.access_key_id = "AKIAEXAMPLE",
                                              .role = access::Role::operator_,
                                              .account = account_,
                                              .arn = "arn:aws:iam::111122223333:user/alice",
                                              .accounts = accounts_},
                                   .region = region_,
                                   .service = std::string(service),
                                   .body = request.body};
    };
    options.book_record = []() -> Result<WriteRecord> {
      return WriteRecord([](const std::string&) { return Status(); });
    };
    options.report_error = [](const std::string&, const Error& error) {
      ADD_FAILURE() << error.message();
    };
    api_ =
        Api::create(std::move(options), {.trails = world_.trails.get()}, world_.time, world_.random)
            .value();
  }

  /// The answer, or `{"error": code}`.
  Json call(const std::string& operation, const Json& input) {
    aws::ServerRequest request{
        .method = "POST",
        .target = "/",
        .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                    {"X-Amz-Target",
                     "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." + operation},
                    {"Authorization", "AWS4-HMAC-SHA256 …"}},
        .body = input.dump(),
        .remote_address = "192.0.2.7",
        .request_id = "the-request"};
    const auto response = api_->handle(std::move(request));
    if (!response.error_code.empty())
      return {{"error", response.error_code}, {"body", response.body}};
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body.empty() ? Json::object() : Json::parse(response.body);
  }

  std::string error(const std::string& operation, const Json& input) {
    const auto answer = call(operation, input);
    return answer.contains("error") ? answer["error"].get<std::string>() : "";
  }

  World world_;
  std::string region_ = "eu-west-1";
  std::string account_ = "111122223333";
  std::vector<std::string> accounts_;  ///< that the key may see
  std::unique_ptr<Api> api_;
};

constexpr auto* kArn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

TEST_F(TrailOperationsTest, CreateAndDescribe) {
  const auto made = call("CreateTrail", {{"Name", "main"},
                                         {"S3BucketName", "logs"},
                                         {"S3KeyPrefix", "p"},
                                         {"SnsTopicName", "topic"},
                                         {"IsMultiRegionTrail", true},
                                         {"EnableLogFileValidation", true}});
  EXPECT_EQ(made, (Json{{"Name", "main"},
                        {"S3BucketName", "logs"},
                        {"S3KeyPrefix", "p"},
                        {"SnsTopicName", "topic"},
                        {"SnsTopicARN", "arn:aws:sns:eu-west-1:111122223333:topic"},
                        {"IncludeGlobalServiceEvents", true},
                        {"IsMultiRegionTrail", true},
                        {"TrailARN", kArn},
                        {"LogFileValidationEnabled", true},
                        {"IsOrganizationTrail", false},
                        {"RecursiveLogging", true}}));
  region_ = "us-east-1";
  const auto described = call("DescribeTrails", Json::object());
  ASSERT_EQ(described["trailList"].size(), 1U);
  const auto& trail = described["trailList"][0];
  EXPECT_EQ(trail["HomeRegion"], "eu-west-1");
  EXPECT_EQ(trail["HasCustomEventSelectors"], false);
  EXPECT_EQ(trail["HasInsightSelectors"], false);
  EXPECT_TRUE(call("DescribeTrails", {{"includeShadowTrails", false}})["trailList"].empty());
  EXPECT_EQ(call("GetTrail", {{"Name", kArn}})["Trail"], trail);
  EXPECT_EQ(
      call("ListTrails", Json::object()),
      (Json{{"Trails", {{{"TrailARN", kArn}, {"Name", "main"}, {"HomeRegion", "eu-west-1"}}}}}));
  EXPECT_EQ(error("UpdateTrail", {{"Name", kArn}}), "InvalidHomeRegionException");
  region_ = "eu-west-1";
  EXPECT_EQ(
      call("UpdateTrail", {{"Name", "main"}, {"RecursiveLogging", false}})["RecursiveLogging"],
      false);
  EXPECT_EQ(call("UpdateTrail", {{"Name", "main"}, {"S3KeyPrefix", "q"}})["S3KeyPrefix"], "q");
  EXPECT_EQ(call("GetTrail", {{"Name", "main"}})["Trail"]["RecursiveLogging"], false);
  EXPECT_TRUE(call("DeleteTrail", {{"Name", "main"}}).empty());
  EXPECT_EQ(error("GetTrail", {{"Name", "main"}}), "TrailNotFoundException");
}

TEST_F(TrailOperationsTest, StatusIsTrue) {
  call("CreateTrail", {{"Name", "main"}, {"S3BucketName", "logs"}});
  EXPECT_EQ(call("GetTrailStatus", {{"Name", "main"}}),
            (Json{{"IsLogging", false},
                  {"LatestDeliveryAttemptTime", ""},
                  {"LatestNotificationAttemptTime", ""},
                  {"LatestNotificationAttemptSucceeded", ""},
                  {"LatestDeliveryAttemptSucceeded", ""},
                  {"TimeLoggingStarted", ""},
                  {"TimeLoggingStopped", ""}}));
  EXPECT_TRUE(call("StartLogging", {{"Name", "main"}}).empty());
  world_.accept({{.id = "1"}});
  world_.run();
  auto status = call("GetTrailStatus", {{"Name", "main"}});
  EXPECT_EQ(status["IsLogging"], true);
  EXPECT_EQ(status["StartLoggingTime"], 1741942800.0);
  EXPECT_EQ(status["TimeLoggingStarted"], "2025-03-14T09:00:00Z");
  EXPECT_EQ(status["LatestDeliveryTime"], 1741943100.0);
  EXPECT_EQ(status["LatestDeliveryAttemptTime"], "2025-03-14T09:05:00Z");
  EXPECT_EQ(status["LatestDeliveryAttemptSucceeded"], "2025-03-14T09:05:00Z");
  EXPECT_FALSE(status.contains("LatestDeliveryError"));
  world_.buckets["logs"]->refusal = Error{ErrorKind::permission_denied, "no"};
  world_.accept({{.id = "2"}});
  world_.run();
  status = call("GetTrailStatus", {{"Name", "main"}});
  EXPECT_EQ(status["LatestDeliveryError"], "AccessDenied");
  EXPECT_EQ(status["LatestDeliveryTime"], 1741943100.0);
  EXPECT_EQ(status["LatestDeliveryAttemptTime"], "2025-03-14T09:10:00Z");
  call("StopLogging", {{"Name", "main"}});
  EXPECT_EQ(call("GetTrailStatus", {{"Name", "main"}})["IsLogging"], false);
}

TEST_F(TrailOperationsTest, SelectorsComeBackAsTheyWereGiven) {
  call("CreateTrail", {{"Name", "main"}, {"S3BucketName", "logs"}});
  Json selector{{"ReadWriteType", "All"},
                {"IncludeManagementEvents", true},
                {"DataResources", Json::array()},
                {"ExcludeManagementEventSources", Json::array()}};
  EXPECT_EQ(call("GetEventSelectors", {{"TrailName", "main"}}),
            (Json{{"TrailARN", kArn}, {"EventSelectors", {selector}}}));
  selector["ReadWriteType"] = "WriteOnly";
  selector["DataResources"] = {{{"Type", "AWS::S3::Object"}, {"Values", {"arn:aws:s3:::logs/"}}}};
  selector["ExcludeManagementEventSources"] = {"kms.amazonaws.com"};
  const Json basic{{"TrailARN", kArn}, {"EventSelectors", {selector}}};
  EXPECT_EQ(call("PutEventSelectors", {{"TrailName", "main"}, {"EventSelectors", {selector}}}),
            basic);
  EXPECT_EQ(call("GetEventSelectors", {{"TrailName", "main"}}), basic);
  EXPECT_EQ(call("GetTrail", {{"Name", "main"}})["Trail"]["HasCustomEventSelectors"], true);
  const Json advanced = {{{"Name", "n"},
                          {"FieldSelectors",
                           {{{"Field", "eventCategory"}, {"Equals", {"Data"}}},
                            {{"Field", "resources.type"}, {"Equals", {"AWS::S3::Object"}}},
                            {{"Field", "resources.ARN"},
                             {"StartsWith", {"arn:aws:s3:::logs/"}},
                             {"NotEndsWith", {".tmp"}}}}}}};
  EXPECT_EQ(
      call("PutEventSelectors", {{"TrailName", "main"}, {"AdvancedEventSelectors", advanced}}),
      (Json{{"TrailARN", kArn}, {"AdvancedEventSelectors", advanced}}));
  EXPECT_EQ(call("GetEventSelectors", {{"TrailName", "main"}})["AdvancedEventSelectors"], advanced);
  EXPECT_EQ(error("PutEventSelectors", {{"TrailName", "main"}}), "InvalidEventSelectorsException");
  EXPECT_EQ(error("PutEventSelectors", {{"TrailName", "none"}, {"EventSelectors", {selector}}}),
            "TrailNotFoundException");
}

TEST_F(TrailOperationsTest, InsightsAndConfigurations) {
  call("CreateTrail", {{"Name", "main"}, {"S3BucketName", "logs"}});
  EXPECT_EQ(error("GetInsightSelectors", {{"TrailName", "main"}}), "InsightNotEnabledException");
  const Json insights = {
      {{"InsightType", "ApiCallRateInsight"}},
      {{"InsightType", "ApiErrorRateInsight"}, {"EventCategories", {"Management"}}}};
  EXPECT_EQ(call("PutInsightSelectors", {{"TrailName", "main"}, {"InsightSelectors", insights}}),
            (Json{{"TrailARN", kArn}, {"InsightSelectors", insights}}));
  EXPECT_EQ(call("GetInsightSelectors", {{"TrailName", "main"}})["InsightSelectors"], insights);
  EXPECT_EQ(call("GetTrail", {{"Name", "main"}})["Trail"]["HasInsightSelectors"], true);
  call("PutInsightSelectors", {{"TrailName", "main"}, {"InsightSelectors", Json::array()}});
  EXPECT_EQ(error("GetInsightSelectors", {{"TrailName", "main"}}), "InsightNotEnabledException");
  EXPECT_EQ(error("GetInsightSelectors", Json::object()), "InvalidParameterCombinationException");
  const Json aggregations = {{{"Templates", {"API_ACTIVITY"}}, {"EventCategory", "Data"}}};
  call("PutEventConfiguration",
       {{"TrailName", "main"}, {"AggregationConfigurations", aggregations}});
  EXPECT_EQ(call("GetEventConfiguration", {{"TrailName", "main"}}),
            (Json{{"TrailARN", kArn}, {"AggregationConfigurations", aggregations}}));
  EXPECT_EQ(error("PutEventConfiguration", {{"TrailName", "main"}, {"MaxEventSize", "Large"}}),
            "InvalidParameterCombinationException");
}

TEST_F(TrailOperationsTest, Tags) {
  call(
      "CreateTrail",
      {{"Name", "main"}, {"S3BucketName", "logs"}, {"TagsList", {{{"Key", "a"}, {"Value", "1"}}}}});
  call("AddTags", {{"ResourceId", kArn}, {"TagsList", {{{"Key", "b"}}}}});
  EXPECT_EQ(
      call("ListTags", {{"ResourceIdList", {kArn}}}),
      (Json{{"ResourceTagList",
             {{{"ResourceId", kArn},
               {"TagsList", {{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", ""}}}}}}}}));
  call("RemoveTags", {{"ResourceId", kArn}, {"TagsList", {{{"Key", "a"}}}}});
  EXPECT_EQ(call("ListTags", {{"ResourceIdList", {kArn}}})["ResourceTagList"][0]["TagsList"].size(),
            1U);
  EXPECT_EQ(error("ListTags", {{"ResourceIdList", {"main"}}}), "CloudTrailARNInvalidException");
  EXPECT_EQ(error("ListTags", {{"ResourceIdList", {std::string(kArn) + "x"}}}),
            "ResourceNotFoundException");
  EXPECT_EQ(error("ListTags",
                  {{"ResourceIdList", {"arn:aws:cloudtrail:eu-west-1:111122223333:thing/x"}}}),
            "ResourceTypeNotSupportedException");
  EXPECT_EQ(error("ListTags",
                  {{"ResourceIdList", {"arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}}),
            "CloudTrailARNInvalidException");
  EXPECT_EQ(error("AddTags", {{"ResourceId", kArn}, {"TagsList", {{{"Key", "aws:x"}}}}}),
            "InvalidTagParameterException");
}

TEST_F(TrailOperationsTest, ShowNothingThatTheKeyMayNotSee) {
  const Json input{{"Name", "main"}, {"S3BucketName", "logs"}};
  accounts_ = {"444455556666"};
  EXPECT_EQ(error("CreateTrail", input), "AccessDeniedException");
  accounts_ = {"111122223333"};
  EXPECT_EQ(error("CreateTrail", input), "");
  EXPECT_EQ(error("UpdateTrail", {{"Name", "main"}, {"IsOrganizationTrail", true}}),
            "AccessDeniedException");
  accounts_ = {"444455556666"};
  // All of it is as if the trail did not exist.
  const Json selectors = Json::array({Json::object()});
  const std::pair<const char*, Json> calls[] = {
      {"DeleteTrail", {{"Name", "main"}}},
      {"GetTrail", {{"Name", kArn}}},
      {"GetTrailStatus", {{"Name", "main"}}},
      {"StartLogging", {{"Name", "main"}}},
      {"StopLogging", {{"Name", kArn}}},
      {"UpdateTrail", {{"Name", "main"}, {"S3BucketName", "other"}}},
      {"GetEventSelectors", {{"TrailName", "main"}}},
      {"PutEventSelectors", {{"TrailName", "main"}, {"EventSelectors", selectors}}},
      {"GetInsightSelectors", {{"TrailName", "main"}}},
      {"PutInsightSelectors", {{"TrailName", "main"}, {"InsightSelectors", Json::array()}}},
      {"GetEventConfiguration", {{"TrailName", "main"}}},
      {"PutEventConfiguration", {{"TrailName", "main"}, {"MaxEventSize", "Large"}}}};
  for (const auto& [operation, given] : calls) {
    auto named = given;
    const auto answer = call(operation, named);
    EXPECT_EQ(answer["error"], "TrailNotFoundException") << operation;
    const char* const member = named.contains("Name") ? "Name" : "TrailName";
    named[member] = named[member] == kArn ? std::string(kArn) + "2" : "main2";
    auto missing = call(operation, named)["body"].get<std::string>();
    missing.replace(missing.find("main2"), 5, "main");
    EXPECT_EQ(answer["body"], missing) << operation;
  }
  for (const auto* const region : {"eu-west-1", "us-east-1"}) {
    region_ = region;
    EXPECT_EQ(error("StopLogging", {{"Name", kArn}}), "TrailNotFoundException");
    EXPECT_TRUE(call("ListTrails", Json::object())["Trails"].empty());
    EXPECT_TRUE(call("DescribeTrails", Json::object())["trailList"].empty());
    EXPECT_TRUE(call("DescribeTrails", {{"trailNameList", {kArn}}})["trailList"].empty());
  }
  region_ = "eu-west-1";
  for (const auto* const operation : {"AddTags", "RemoveTags"})
    EXPECT_EQ(error(operation, {{"ResourceId", kArn}, {"TagsList", {{{"Key", "a"}}}}}),
              "ResourceNotFoundException");
  EXPECT_EQ(error("ListTags", {{"ResourceIdList", {kArn}}}), "ResourceNotFoundException");
  // Nor does the order of errors tell whether it exists.
  const auto first_missing = [&](const std::string& first) {
    auto body = call("ListTags", {{"ResourceIdList", {first, std::string(kArn) + "3"}}})["body"]
                    .get<std::string>();
    return body.find("main3") == std::string::npos;
  };
  EXPECT_TRUE(first_missing(kArn));
  EXPECT_TRUE(first_missing(std::string(kArn) + "2"));
  accounts_ = {"111122223333", "444455556666"};
  EXPECT_EQ(error("StopLogging", {{"Name", "main"}}), "");
}

TEST_F(TrailOperationsTest, AnOrganizationsTrailIsAboutAllAccounts) {
  world_.options.organization_id = "o-abcdefghij";
  world_.options.management_account = "111122223333";
  world_.open();
  set_up_api();
  const Json input{{"Name", "org"}, {"S3BucketName", "logs"}, {"IsOrganizationTrail", true}};
  accounts_ = {"111122223333"};
  EXPECT_EQ(error("CreateTrail", input), "AccessDeniedException");
  accounts_ = {};
  const auto arn = call("CreateTrail", input)["TrailARN"].get<std::string>();
  const std::vector<std::string> scopes[] = {{"111122223333"}, {"444455556666"}};
  for (const auto& accounts : scopes)
    for (const auto* const home : {"111122223333", "444455556666"}) {
      accounts_ = accounts;
      account_ = home;
      SCOPED_TRACE(home + ("/" + accounts.front()));
      EXPECT_EQ(call("GetTrail", {{"Name", arn}})["Trail"]["Name"], "org");
      EXPECT_EQ(call("ListTrails", Json::object())["Trails"].size(), 1U);
      for (const auto* const operation : {"StopLogging", "StartLogging", "DeleteTrail"})
        EXPECT_EQ(error(operation, {{"Name", arn}}), "AccessDeniedException") << operation;
      EXPECT_EQ(error("UpdateTrail", {{"Name", arn}, {"IsOrganizationTrail", false}}),
                "AccessDeniedException");
    }
  // A member that the operation does not read changes nothing.
  account_ = "111122223333";
  accounts_ = {"111122223333"};
  EXPECT_EQ(error("CreateTrail", {{"Name", "main"}, {"S3BucketName", "logs"}}), "");
  const Json selectors = Json::array({Json::object()});
  EXPECT_EQ(error("PutEventSelectors",
                  {{"Name", "main"}, {"TrailName", arn}, {"EventSelectors", selectors}}),
            "AccessDeniedException");
  EXPECT_EQ(error("StopLogging", {{"TrailName", "main"}, {"Name", arn}}), "AccessDeniedException");
  EXPECT_EQ(error("DeleteTrail",
                  {{"ResourceArn", "main"}, {"Channel", "main"}, {"Trail", "main"}, {"Name", arn}}),
            "AccessDeniedException");
  EXPECT_EQ(
      error("AddTags",
            {{"ResourceIdList", {kArn}}, {"ResourceId", arn}, {"TagsList", {{{"Key", "a"}}}}}),
      "AccessDeniedException");
  accounts_ = {};
  account_ = "444455556666";
  EXPECT_EQ(error("StopLogging", {{"Name", arn}}), "NotOrganizationMasterAccountException");
  account_ = "111122223333";
  EXPECT_EQ(error("StopLogging", {{"Name", arn}}), "");
}

TEST_F(TrailOperationsTest, PublicKeys) {
  const auto now = static_cast<double>(world_.time.now_us()) / 1e6;
  const auto keys = call("ListPublicKeys", Json::object())["PublicKeyList"];
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["Value"].get<std::string>().size(), 360U);
  EXPECT_LE(keys[0]["ValidityStartTime"].get<double>(), now);
  EXPECT_GT(keys[0]["ValidityEndTime"].get<double>(), now + 28 * 86400);
  EXPECT_TRUE(call("ListPublicKeys", {{"StartTime", 1}, {"EndTime", 2}})["PublicKeyList"].empty());
  EXPECT_EQ(error("ListPublicKeys", {{"StartTime", 2}, {"EndTime", 1}}),
            "InvalidTimeRangeException");
}

}  // namespace
}  // namespace cairn::api
