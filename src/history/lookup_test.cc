// Lookups over small log files, through a query session.
#include "history/lookup.h"

#include "base/time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cairn::history {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAlice =
    R"("userIdentity":{"type":"IAMUser","userName":"alice","accessKeyId":"AKIA1"})";
constexpr std::string_view kRole =
    R"("userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/r/s@x"})";

/// A folder of log files that goes away with the test.
class LookupTest : public ::testing::Test {
 protected:
  LookupTest()
      : folder_(fs::path(testing::TempDir()) /
                fmt::format("cairn-lookup-{}",
                            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  ~LookupTest() override { fs::remove_all(folder_); }

  void add(int second, std::string_view id, std::string_view more) {
    records_.push_back(fmt::format(
        R"({{ "eventTime":"2025-03-14T09:{:02}:{:02}Z", "awsRegion":"eu-west-1",)"
        R"("recipientAccountId":"111111111111",{}{}}})",
        second / 60, second % 60, id.empty() ? "" : fmt::format(R"("eventID":"{}",)", id), more));
  }

  query::Session session() {
    std::ofstream(folder_ / "a.json")
        << "{\"Records\":[" << fmt::format("{}", fmt::join(records_, ",")) << "]}";
    auto session = query::Session::open({.source = {.paths = {folder_.string()}}});
    EXPECT_TRUE(session.ok()) << session.error().message();
    return std::move(session).value();
  }

  /// The ids found, separated by blanks.
  std::string find(const LookupRequest& request, std::string* next_token = nullptr) {
    auto open = session();
    std::string ids;
    const auto end = lookup(open, request, [&](Event&& event) {
      ids += (ids.empty() ? "" : " ") + event.event_id;
      events_.push_back(std::move(event));
      return true;
    });
    if (!end.ok()) return end.error().message();
    if (next_token != nullptr) *next_token = end.value().next_token;
    return ids;
  }

  std::string find(AttributeKey key, std::string value) {
    return find({.attributes = {{key, std::move(value)}}});
  }

  fs::path folder_;
  std::vector<std::string> records_;
  std::vector<Event> events_;
};

TEST_F(LookupTest, FindsByEveryAttribute) {
  add(1, "a",
      fmt::format(R"("eventSource":"s3.amazonaws.com","eventName":"CreateBucket",)"
                  R"("readOnly":false,"requestParameters":{{"bucketName":"b-1"}},{})",
                  kAlice));
  add(2, "b",
      fmt::format(R"("eventSource":"s3.amazonaws.com","eventName":"GetBucketAcl",)"
                  R"("readOnly":true,"resources":[{{"ARN":"arn:aws:s3:::b-1"}}],{})",
                  kRole));
  add(3, "c", R"("eventName":"ConsoleLogin","userIdentity":{"type":"Root"})");
  EXPECT_EQ(find({}), "c b a");
  EXPECT_EQ(find(AttributeKey::event_id, "b"), "b");
  EXPECT_EQ(find(AttributeKey::event_name, "CreateBucket"), "a");
  EXPECT_EQ(find(AttributeKey::event_name, "createbucket"), "");
  EXPECT_EQ(find(AttributeKey::read_only, "true"), "b");
  EXPECT_EQ(find(AttributeKey::read_only, "false"), "a");
  EXPECT_EQ(find(AttributeKey::username, "alice"), "a");
  EXPECT_EQ(find(AttributeKey::username, "s@x"), "b");
  EXPECT_EQ(find(AttributeKey::username, "root"), "c");
  EXPECT_EQ(find(AttributeKey::resource_type, "AWS::S3::Bucket"), "b a");
  EXPECT_EQ(find(AttributeKey::resource_name, "b-1"), "b a");
  EXPECT_EQ(find(AttributeKey::resource_name, "arn:aws:s3:::b-1"), "b a");
  EXPECT_EQ(find(AttributeKey::resource_name, "b-"), "");
  EXPECT_EQ(find(AttributeKey::event_source, "s3.amazonaws.com"), "b a");
  EXPECT_EQ(find(AttributeKey::access_key_id, "AKIA1"), "a");
  EXPECT_EQ(find({.attributes = {{AttributeKey::event_source, "s3.amazonaws.com"},
                                 {AttributeKey::event_name, "GetBucketAcl"},
                                 {AttributeKey::event_name, "ConsoleLogin"}}}),
            "b");
}

TEST_F(LookupTest, LimitsByTimeAccountAndRegion) {
  for (int i = 1; i <= 4; ++i) add(i, std::to_string(i), R"("eventName":"A")");
  const int64_t nine = parse_iso8601("2025-03-14T09:00:00Z").value_or(0);
  EXPECT_EQ(find({.start_us = nine + 2'000'000, .end_us = nine + 3'000'000}), "3 2");
  EXPECT_EQ(find({.accounts = {"222222222222"}}), "");
  EXPECT_EQ(find({.accounts = {"222222222222", "111111111111"}, .regions = {"eu-west-1"}}),
            "4 3 2 1");
}

TEST_F(LookupTest, PagesCoverEverythingOnce) {
  for (int i = 0; i < 60; ++i) {
    const std::string id = i % 7 == 0 ? "" : fmt::format("{:02}", i);
    add(i / 10, id, fmt::format(R"("eventName":"A{}")", i));
    if (i % 3 == 0 && !id.empty()) add(i / 10, id, fmt::format(R"("eventName":"A{}")", i));
  }
  find({.events_max = std::nullopt});
  ASSERT_EQ(events_.size(), 60U);
  const auto whole = std::exchange(events_, {});
  for (const uint64_t page : {1U, 7U, 50U}) {
    events_.clear();
    LookupRequest request{.events_max = page};
    do find(request, &request.next_token);
    while (!request.next_token.empty());
    ASSERT_EQ(events_.size(), whole.size()) << page;
    for (size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(events_[i].record, whole[i].record) << i;
  }
}

TEST_F(LookupTest, ManyCopiesDoNotShortenAPage) {
  for (int copy = 0; copy < 100; ++copy) add(2, "a", R"("eventName":"A")");
  add(1, "b", R"("eventName":"A")");
  std::string token;
  EXPECT_EQ(find({.events_max = 2}, &token), "a b");
  EXPECT_EQ(token, "");
  EXPECT_EQ(find({.events_max = 1}, &token), "a");
  EXPECT_EQ(find({.events_max = 1, .next_token = token}, &token), "b");
  EXPECT_EQ(token, "");
}

TEST_F(LookupTest, GivesWhatEventHistoryShows) {
  add(1, "a", fmt::format(R"("eventName": "CreateBucket", "x": "a \" b",{})", kRole));
  find({});
  ASSERT_EQ(events_.size(), 1U);
  const Event& event = events_[0];
  EXPECT_EQ(event.username, "s@x");
  EXPECT_EQ(event.caller, "arn:aws:iam::111111111111:role/r");
  EXPECT_EQ(event.time_us, parse_iso8601("2025-03-14T09:00:01Z"));
  EXPECT_EQ(event.read_only, std::nullopt);
  EXPECT_NE(event.record.find(R"({"eventTime":"2025-03-14T09:00:01Z","awsRegion")"),
            std::string::npos);
  EXPECT_NE(event.record.find(R"("x":"a \" b")"), std::string::npos);
}

TEST_F(LookupTest, TellsCategoriesApart) {
  add(1, "m", R"("eventName":"A","eventCategory":"Management")");
  add(2, "d", R"("eventName":"A","managementEvent":false)");
  add(3, "o", R"("eventName":"GetObject","eventSource":"s3.amazonaws.com")");
  add(4, "n", R"("eventName":"A","eventType":"AwsVpceEvents","eventCategory":"NetworkActivity")");
  add(5, "i",
      R"("eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"B","eventSource":"s"})");
  EXPECT_EQ(find({.category = Category::management}), "m");
  EXPECT_EQ(find({.category = Category::data}), "o d");
  EXPECT_EQ(find({.category = Category::network_activity}), "n");
  EXPECT_EQ(find({.attributes = {{AttributeKey::event_name, "B"}}, .category = Category::insight}),
            "i");
  EXPECT_EQ(events_.back().event_source, "s");
}

TEST_F(LookupTest, RefusesWhatAwsRefuses) {
  auto open = session();
  const auto code = [&](const LookupRequest& request) {
    const auto end = lookup(open, request, [](Event&&) { return true; });
    return end.ok() ? std::string_view("none") : end.error().aws_code();
  };
  EXPECT_EQ(code({.start_us = 2, .end_us = 1}), "InvalidTimeRangeException");
  EXPECT_EQ(code({.next_token = "x"}), "InvalidNextTokenException");
  EXPECT_EQ(code({.attributes = {{AttributeKey::username, "x"}}, .category = Category::insight}),
            "InvalidLookupAttributesException");
  EXPECT_EQ(parse_category("insights").error().aws_code(), "InvalidEventCategoryException");
}

TEST(AsAws, KeepsItsLimits) {
  const auto code = [](LookupRequest request) {
    const auto got = as_aws(std::move(request));
    return got.ok() ? std::string_view("none") : got.error().aws_code();
  };
  EXPECT_EQ(code({}), "none");
  EXPECT_EQ(as_aws({}).value().category, Category::management);
  EXPECT_EQ(as_aws({.category = Category::insight}).value().category, Category::insight);
  EXPECT_EQ(code({.attributes = {{}, {}}}), "InvalidLookupAttributesException");
  EXPECT_EQ(code({.events_max = 0}), "InvalidMaxResultsException");
  EXPECT_EQ(code({.events_max = 51}), "InvalidMaxResultsException");
  EXPECT_EQ(code({.category = Category::data}), "InvalidEventCategoryException");
}

}  // namespace
}  // namespace cairn::history
