// Summaries of small log files, through a query session.
#include "investigate/summary.h"

#include "base/time.h"
#include "investigate/internal/summary_sql.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace cairn::investigate {
namespace {

namespace fs = std::filesystem;

/// A folder of log files that goes away with the test.
class SummaryTest : public ::testing::Test {
 protected:
  SummaryTest()
      : folder_(fs::path(testing::TempDir()) /
                fmt::format("cairn-summary-{}",
                            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
  }

  ~SummaryTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::vector<std::string>& records) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream out(folder_ / name);
    out << "{\"Records\":[" << fmt::format("{}", fmt::join(records, ",")) << "]}";
  }

  Summary summarize_folder(size_t top = 10) {
    auto session = query::Session::open({.source = {.paths = {folder_.string()}}});
    EXPECT_TRUE(session.ok()) << session.error().message();
    auto summary = summarize(session.value(), {.top = top});
    EXPECT_TRUE(summary.ok()) << summary.error().message();
    return std::move(summary).value();
  }

  fs::path folder_;
};

/// A record at minute `minute` of a day, with more members.
std::string record(int minute, std::string_view id, std::string_view more) {
  return fmt::format(
      R"({{"eventVersion":"1.08","eventTime":"2025-03-14T{:02}:{:02}:00Z","awsRegion":"eu-west-1",)"
      R"("recipientAccountId":"111111111111","eventID":"{}",{}}})",
      minute / 60, minute % 60, id, more);
}

constexpr std::string_view kUser =
    R"("userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111111111111:user/eve",)"
    R"("accessKeyId":"AKIAX","userName":"eve"})";
constexpr std::string_view kRoot =
    R"("userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root"})";

std::string role(std::string_view session) {
  return fmt::format(
      R"("userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/r/{}",)"
      R"("invokedBy":"ec2.amazonaws.com","sessionContext":{{"sessionIssuer":{{"arn":)"
      R"("arn:aws:iam::111111111111:role/r"}}}}}})",
      session);
}

TEST_F(SummaryTest, AnswersEveryQuestion) {
  const std::string get =
      R"("eventSource":"s3.amazonaws.com","eventName":"GetBucketAcl","readOnly":true,)";
  const std::string stop =
      R"("eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","readOnly":false,)";
  write("a.json", {record(0, "1", get + std::string(kUser)),
                   record(1, "2", get + R"("errorCode":"AccessDenied",)" + std::string(kUser)),
                   record(2, "3", get + role("x")), record(3, "4", get + role("y")),
                   record(4, "5", stop + std::string(kRoot)),
                   record(5, "6",
                          R"("eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",)"
                          R"("responseElements":{"ConsoleLogin":"Success"},)"
                          R"("additionalEventData":{"MFAUsed":"No"},)" +
                              std::string(kRoot)),
                   record(5, "6", get + std::string(kUser))});
  const Summary summary = summarize_folder();
  EXPECT_EQ(summary.total.events, 7U);
  EXPECT_EQ(summary.total.errors, 1U);
  EXPECT_EQ(summary.total.reads, 5U);
  EXPECT_EQ(summary.total.writes, 1U);
  EXPECT_EQ(summary.total.first_us, parse_iso8601("2025-03-14T00:00:00Z"));
  EXPECT_EQ(summary.total.last_us, parse_iso8601("2025-03-14T00:05:00Z"));
  EXPECT_EQ(summary.files, 1U);
  EXPECT_EQ(summary.repeated, 1U);
  EXPECT_EQ(summary.repeated_ids, 1U);
  ASSERT_EQ(summary.places.size(), 1U);
  EXPECT_EQ(summary.places[0].region, "eu-west-1");
  EXPECT_EQ(summary.services.distinct, 3U);
  EXPECT_EQ(summary.services.entries[0].name, "s3.amazonaws.com");
  EXPECT_EQ(summary.calls.entries[0].detail, "s3.amazonaws.com");
  EXPECT_EQ(summary.calls.entries[0].tally.events, 5U);
  EXPECT_EQ(summary.minutes.size(), 6U);
  EXPECT_EQ(summary.minutes[1].errors, 1U);
  EXPECT_EQ(summary.errors.entries[0].name, "AccessDenied");
  EXPECT_EQ(summary.categories.entries[0].name, "Management");
  EXPECT_EQ(summary.identities.root, 2U);
  EXPECT_EQ(summary.identities.iam_user_key, 3U);
  EXPECT_EQ(summary.identities.assumed_role, 2U);
  EXPECT_EQ(summary.identities.on_behalf, 2U);
  ASSERT_EQ(summary.callers.distinct, 3U);
  EXPECT_EQ(summary.callers.entries[0].name, "arn:aws:iam::111111111111:user/eve");
  EXPECT_EQ(summary.callers.entries[1].name, "arn:aws:iam::111111111111:role/r");
  EXPECT_EQ(summary.callers.entries[1].sessions, 2U);
  std::set<std::string> codes;
  for (const auto& notable : summary.notables) codes.insert(notable.code);
  EXPECT_EQ(codes, (std::set<std::string>{"root_sign_in_without_mfa", "logging_stopped"}));
}

TEST_F(SummaryTest, KeepsTheTopAndCountsTheRest) {
  std::vector<std::string> records;
  for (int i = 0; i < 300; ++i)
    for (int copy = 0; copy <= (i == 250 ? 2 : 0); ++copy)
      records.push_back(record(i, fmt::format("{}-{}", i, copy),
                               fmt::format(R"("eventSource":"s","eventName":"Call{:03}")", i)));
  write("a.json", records);
  const Summary summary = summarize_folder(3);
  EXPECT_EQ(summary.calls.distinct, 300U);
  ASSERT_EQ(summary.calls.entries.size(), 3U);
  EXPECT_EQ(summary.calls.entries[0].name, "Call250");
  EXPECT_EQ(summary.calls.entries[0].tally.events, 3U);
  EXPECT_EQ(summary.calls.entries[1].name, "Call000");
  EXPECT_EQ(summary.repeated, 0U);
}

TEST_F(SummaryTest, JudgesGapsByDeliveryTimesWhereFilesHaveThem) {
  for (int i = 0; i < 40; ++i) {
    if (i >= 20 && i < 35) continue;
    const int minute = i * 5;
    write(
        fmt::format("AWSLogs/111111111111/CloudTrail/eu-west-1/2025/03/14/111111111111_CloudTrail_"
                    "eu-west-1_20250314T{:02}{:02}Z_abcdefghijklmno{}.json",
                    minute / 60, minute % 60, i % 10),
        {record(minute, std::to_string(i), R"("eventName":"A")")});
  }
  const Summary summary = summarize_folder();
  EXPECT_EQ(summary.gaps.basis, GapBasis::delivery_times);
  ASSERT_EQ(summary.gaps.gaps.size(), 1U);
  EXPECT_EQ(summary.gaps.gaps[0].from_us, parse_iso8601("2025-03-14T01:35:00Z"));
  EXPECT_EQ(summary.gaps.gaps[0].until_us, parse_iso8601("2025-03-14T02:55:00Z"));
}

TEST_F(SummaryTest, OfNoEvents) {
  write("a.json", {});
  const Summary summary = summarize_folder();
  EXPECT_EQ(summary.total.events, 0U);
  EXPECT_FALSE(summary.total.first_us);
  EXPECT_TRUE(summary.minutes.empty());
}

TEST(SummarySql, KnowsItsGroupingSets) {
  const std::string sql = summary_sql();
  EXPECT_NE(sql.find("GROUPING SETS ((), (account, region), (account, region, slot), (minute)"),
            std::string::npos)
      << sql;
  ASSERT_NE(find_question((1 << 17) - 1), nullptr);
  EXPECT_EQ(*find_question((1 << 17) - 1), Question::total);
  EXPECT_EQ(find_question(0), nullptr);
}

}  // namespace
}  // namespace cairn::investigate
