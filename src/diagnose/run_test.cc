// Whole diagnoses over log files: made ones with known answers, and, where CAIRN_TEST_DATA names
// them, real ones and a recorded run of the original tool.
#include "diagnose/run.h"

#include "base/json_scan.h"
#include "diagnose/console.h"
#include "diagnose/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cairn::diagnose {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of one test, removed at its end.
class Scratch {
 public:
  Scratch()
      : path_(fs::temp_directory_path() /
              fmt::format("cairn_diagnose_{}_{}", ::getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(path_);
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }

  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

/// Of an EKS node.
std::string record(int number, std::string_view time, std::string_view name, std::string_view code,
                   std::string_view message, std::string_view eni) {
  const std::string error =
      code.empty() ? "" : fmt::format(R"(,"errorCode":"{}","errorMessage":"{}")", code, message);
  return fmt::format(
      R"({{"eventVersion":"1.10","userIdentity":{{"type":"AssumedRole","principalId":"AROA1:i-1",)"
      R"("arn":"arn:aws:sts::111122223333:assumed-role/node/i-1","accountId":"111122223333"}},)"
      R"("eventTime":"{}","eventSource":"ec2.amazonaws.com","eventName":"{}",)"
      R"("awsRegion":"us-west-2","sourceIPAddress":"10.0.0.1","userAgent":"amazon-vpc-cni-k8s/v1",)"
      R"("requestParameters":{{"networkInterfaceId":"{}"}},"eventID":"id-{}",)"
      R"("eventType":"AwsApiCall","recipientAccountId":"111122223333"{}}})",
      time, name, eni, number, error);
}

std::string made_log() {
  std::vector<std::string> records;
  for (int second = 0; second < 12; ++second)
    records.push_back(record(second, fmt::format("2025-03-14T09:00:{:02}Z", second),
                             "AttachNetworkInterface", "Client.RequestLimitExceeded",
                             "Request limit exceeded.", "eni-0aaa"));
  records.push_back(record(20, "2025-03-14T09:30:00Z", "DeleteNetworkInterface",
                           "Client.InvalidParameterValue",
                           "Network interface 'eni-0bbb' is currently in use.", "eni-0bbb"));
  records.push_back(records.back());  // delivered twice
  records.push_back(record(21, "2025-03-14T08:00:00Z", "CreateNetworkInterface",
                           "Client.DryRunOperation",
                           "Request would have succeeded, but DryRun flag is set.", "eni-0ccc"));
  records.push_back(record(22, "2025-03-14T10:00:00Z", "DescribeNetworkInterfaces", "", "", ""));
  records.push_back(record(23, "2025-03-14T10:00:00Z", "RunInstances",
                           "Client.UnauthorizedOperation", "not about interfaces", ""));
  records.push_back(record(24, "2025-03-11T10:00:00Z", "CreateNetworkInterface",
                           "Client.UnauthorizedOperation", "before the window", ""));
  std::string out = "{\"Records\":[";
  for (size_t i = 0; i < records.size(); ++i) out += (i == 0 ? "" : ",") + records[i];
  return out + "]}";
}

Result<Report> diagnose_files(const Diagnosis& diagnosis, std::vector<std::string> paths,
                              RunOptions options) {
  query::SessionOptions session_options;
  session_options.source.paths = std::move(paths);
  auto session = CAIRN_TRY(query::Session::open(std::move(session_options)));
  constexpr int64_t kNow = 1'741'946'400'000'000;  // 2025-03-14T10:00:00Z
  return run(session, diagnosis, options, kNow);
}

std::vector<std::string> ids_of(const Report& report) {
  std::vector<std::string> ids;
  for (const auto& finding : report.findings) ids.push_back(finding.id);
  return ids;
}

TEST(DiagnoseEni, FindsWhatTheLogHolds) {
  const Scratch scratch;
  RunOptions options;
  options.output = (scratch.path() / "out").string();
  const auto report =
      diagnose_files(eni(), {scratch.write("log.json", made_log())}, std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  const Report& found = report.value();
  EXPECT_TRUE(found.has_issues());
  EXPECT_EQ(found.tally.events(), 15U);
  EXPECT_EQ(found.tally.failures(), 13U);
  EXPECT_EQ(found.tally.of(ErrorClass::throttle), 12U);
  EXPECT_EQ(found.tally.of(ErrorClass::dry_run), 1U);
  EXPECT_EQ(found.duplicates, 1U);
  EXPECT_EQ(ids_of(found),
            (std::vector<std::string>{"delete_in_use", "throttle", "retry_storm", "no_backoff"}));
  EXPECT_EQ(found.tally.latest().front().call, "DeleteNetworkInterface");
  EXPECT_TRUE(found.incomplete.empty());
  const fs::path folder = scratch.path() / "out" / "sgfp_api_diag_20250314_100000";
  EXPECT_EQ(found.folder, folder.string());
  EXPECT_EQ(read_file(folder / "throttle_by_action.txt"), "     12 AttachNetworkInterface\n");
  EXPECT_EQ(read_file(folder / "calls_by_user.txt"),
            "     15 arn:aws:iam::111122223333:role/node\n");
  const std::string flat = json::padded_copy(read_file(folder / "flat_events.json"));
  std::vector<std::string_view> rows;
  json::for_each_element(flat, [&](std::string_view row) {
    rows.push_back(row);
    return true;
  });
  ASSERT_EQ(rows.size(), 15U);
  EXPECT_EQ(json::find_member(rows[0], "EventName"), "\"DescribeNetworkInterfaces\"");
  EXPECT_EQ(json::find_member(rows[1], "ErrorClass"), "\"dependency\"");
  EXPECT_NE(read_file(folder / "report.md").find("2025-03-14 09:00"), std::string::npos);
  const std::string facts = json::padded_copy(diagnose::json(found));
  EXPECT_EQ(json::scan_value(facts.data(), facts.data() + facts.size()).fault, json::Fault::none);
  EXPECT_EQ(json::find_member(json::find_member(facts, "totals"), "failures"), "13");
  EXPECT_NE(facts.find("\"id\": \"delete_in_use\""), std::string::npos);
  EXPECT_NE(json::find_member(facts, "retryStorms").find("\"failures\": 12"), std::string::npos);
}

TEST(DiagnoseEni, PrintsTheLinesOfTheSeed) {
  const Scratch scratch;
  RunOptions options;
  options.write = false;
  const auto report =
      diagnose_files(eni(), {scratch.write("log.json", made_log())}, std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  const std::string text = console(report.value());
  const std::string head = text.substr(0, text.find("\n=== Recommended actions ==="));
  EXPECT_EQ(head, R"(=== CloudTrail API Diagnostics ===
[INFO] Window: 2025-03-12T10:00:00Z to 2025-03-14T10:00:00Z (2d, ends at the newest event in the logs), region: all
[ISSUE] Found 13 real error/throttle event(s) in CloudTrail
[INFO] Recent errors/throttles (last 5):
  - DeleteNetworkInterface: Client.InvalidParameterValue (Network interface 'eni-0bbb' is currently in use.)
  - AttachNetworkInterface: Client.RequestLimitExceeded (Request limit exceeded.)
  - AttachNetworkInterface: Client.RequestLimitExceeded (Request limit exceeded.)
  - AttachNetworkInterface: Client.RequestLimitExceeded (Request limit exceeded.)
  - AttachNetworkInterface: Client.RequestLimitExceeded (Request limit exceeded.)
[INFO] Errors by class:
  - 12 throttle
  - 1 dependency
[INFO] Throttles by action:
  - 12 AttachNetworkInterface
[INFO] API calls by user/caller:
  - 15 arn:aws:iam::111122223333:role/node
[INFO] Total ENI API events analyzed: 15 (dry-runs: 1)
[INFO] Delivered again and not counted: 1
[ISSUE] 1 deletion(s) of interfaces that are in use, by 1 caller
[ISSUE] 12 call(s) throttled: AttachNetworkInterface
[ISSUE] Retry storms: 12 failures of AttachNetworkInterface, by 1 caller
[ISSUE] 1 caller throttled on AttachNetworkInterface without backing off
)");
  for (const std::string_view line :
       {"evidence: 1x DeleteNetworkInterface by arn:aws:iam::111122223333:role/node",
        "2025-03-14T09:30:00Z; us-west-2; on eni-0bbb; events id-20",
        "$ aws ec2 describe-network-interfaces --region us-west-2 --network-interface-ids "
        "eni-0bbb ",
        "12 failures in 11 s, at most 12 within a minute"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  EXPECT_EQ(text.find("{dir}"), std::string::npos);
}

TEST(DiagnoseEni, SaysWhenThereIsNothing) {
  const Scratch scratch;
  RunOptions options;
  options.write = false;
  const auto empty =
      diagnose_files(eni(), {scratch.write("log.json", "{\"Records\":[]}")}, options);
  ASSERT_TRUE(empty.ok()) << empty.error().message();
  EXPECT_FALSE(empty.value().has_issues());
  EXPECT_NE(console(empty.value()).find("[OK] No real errors/throttles found in CloudTrail"),
            std::string::npos);
  options.region = "eu-west-1";
  const auto elsewhere =
      diagnose_files(eni(), {scratch.write("log.json", made_log())}, std::move(options));
  ASSERT_TRUE(elsewhere.ok());
  EXPECT_EQ(elsewhere.value().tally.events(), 0U);
}

TEST(DiagnoseEni, SaysWhenTotalsAreIncomplete) {
  const Scratch scratch;
  RunOptions options;
  options.write = false;
  const std::string log = made_log();
  const auto report = diagnose_files(
      eni(),
      {scratch.write("log.json", log), scratch.write("cut.json", log.substr(0, log.size() / 2))},
      std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_FALSE(report.value().incomplete.empty());
  EXPECT_NE(console(report.value()).find("[INFO] The totals are incomplete:"), std::string::npos);
}

TEST(DiagnoseEni, LeavesNoFolderBehindWhenItFails) {
  const Scratch scratch;
  RunOptions options;
  options.output = (scratch.path() / "out").string();
  EXPECT_FALSE(diagnose_files(eni(), {(scratch.path() / "absent").string()}, options).ok());
  EXPECT_FALSE(fs::exists(scratch.path() / "out" / "sgfp_api_diag_20250314_100000"));
  options.output = scratch.write("file", "");
  EXPECT_FALSE(
      diagnose_files(eni(), {scratch.write("log.json", made_log())}, std::move(options)).ok());
}

TEST(DiagnoseThrottling, CountsCallsOfAllServices) {
  const Scratch scratch;
  RunOptions options;
  options.write = false;
  const auto report =
      diagnose_files(throttling(), {scratch.write("log.json", made_log())}, std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report.value().tally.failures(), 12U);
  EXPECT_EQ(report.value().tally.calls().of("ec2:AttachNetworkInterface"), 12U);
  ASSERT_EQ(report.value().backoffs.size(), 1U);
  EXPECT_EQ(report.value().backoffs[0].backoff.verdict, BackoffVerdict::does_not_back_off);
}

TEST(DiagnoseAccessDenied, NamesActionAndReason) {
  const Scratch scratch;
  RunOptions options;
  options.write = false;
  options.whole = true;
  const auto report =
      diagnose_files(access_denied(), {scratch.write("log.json", made_log())}, std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report.value().tally.failures(), 2U);
  ASSERT_EQ(report.value().policies.size(), 1U);
  EXPECT_EQ(report.value().policies[0].statements.front().actions,
            (std::vector<std::string>{"ec2:CreateNetworkInterface", "ec2:RunInstances"}));
}

/// Empty, with a line that says so, when there is no such folder.
fs::path data_folder(const char* name) {
  const fs::path folder = fs::path(CAIRN_TEST_DATA) / name;
  if (fs::exists(folder)) return folder;
  fmt::print("no {} in CAIRN_TEST_DATA: nothing to compare with\n", name);
  return {};
}

TEST(ClassicEni, WritesWhatTheOriginalWrites) {
  const fs::path data = data_folder("eni-original");
  if (data.empty()) return;
  const Scratch scratch;
  RunOptions options;
  options.output = scratch.path().string();
  options.classic = true;
  const auto report = diagnose_files(eni(), {(data / "eni-log.json").string()}, std::move(options));
  ASSERT_TRUE(report.ok()) << report.error().message();
  size_t compared = 0;
  for (const auto& file : fs::directory_iterator(data / "expected")) {
    EXPECT_EQ(read_file(fs::path(report.value().folder) / file.path().filename()),
              read_file(file.path()))
        << file.path().filename();
    ++compared;
  }
  EXPECT_EQ(compared, 9U);
  EXPECT_NE(classic_console(report.value())
                .find("[API] Real errors/throttles: 5  | Dry runs: 84  | All issues: 88"),
            std::string::npos);
}

/// Counted with Python's json module, for the codes that these logs hold.
struct Counts {
  const char* folder;
  uint64_t events;
  uint64_t eni;
  uint64_t eni_failures;
  uint64_t throttled;  ///< ThrottlingException
  uint64_t denied;     ///< AccessDenied, Client.UnauthorizedOperation
};

constexpr Counts kCounts[] = {{"invictus", 2900, 26, 1, 102, 60},
                              {"stratus-red-team", 310, 0, 0, 0, 51}};

TEST(RealLogs, AgreeWithAnIndependentCount) {
  for (const Counts& want : kCounts) {
    SCOPED_TRACE(want.folder);
    const fs::path folder = data_folder(want.folder);
    if (folder.empty()) continue;
    RunOptions options;
    options.write = false;
    options.whole = true;
    const auto interfaces = diagnose_files(eni(), {folder.string()}, options);
    const auto throttles = diagnose_files(throttling(), {folder.string()}, options);
    const auto denials = diagnose_files(access_denied(), {folder.string()}, options);
    ASSERT_TRUE(interfaces.ok() && throttles.ok() && denials.ok());
    EXPECT_EQ(interfaces.value().tally.events(), want.eni);
    EXPECT_EQ(interfaces.value().tally.failures(), want.eni_failures);
    EXPECT_EQ(throttles.value().tally.events(), want.events);
    EXPECT_EQ(throttles.value().tally.failures(), want.throttled);
    EXPECT_EQ(denials.value().tally.failures(), want.denied);
    EXPECT_EQ(denials.value().tally.events(), want.events);
  }
}

}  // namespace
}  // namespace cairn::diagnose
