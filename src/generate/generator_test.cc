#include "generate/generator.h"

#include "base/inflate.h"
#include "base/json_scan.h"
#include "base/time.h"
#include "generate/stories.h"
#include "io/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace cairn::generate {
namespace {

namespace fs = std::filesystem;

class GenerateTest : public ::testing::Test {
 protected:
  GenerateTest()
      : folder_(fs::temp_directory_path() / ("cairn_generate_test_" + std::to_string(getpid()))) {}

  ~GenerateTest() override { fs::remove_all(folder_); }

  GenerateReport run(const std::string& name, GenerateOptions options) {
    options.output = (folder_ / name).string();
    fs::create_directories(options.output);
    GenerateProgress progress;
    auto report = generate(options, progress);
    EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message());
    return report.value();
  }

  // Path below the folder -> content.
  std::map<std::string, std::string> files(const std::string& name) const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      all[fs::relative(entry.path(), folder_ / name).string()] = {
          std::istreambuf_iterator<char>(in), {}};
    }
    return all;
  }

  // All records, each checked to be JSON.
  std::vector<std::string> records(const std::string& name) const {
    std::vector<std::string> all;
    for (const auto& [path, bytes] : files(name)) {
      if (path == "truth.jsonl") continue;
      Buffer text;
      EXPECT_TRUE(Gunzip().decompress(bytes, 100'000'000, text)) << path;
      const auto document = std::string(text.view());
      const auto padded = json::padded_copy(document);
      const auto scan = json::scan_value(padded.data(), padded.data() + document.size());
      EXPECT_EQ(scan.fault, json::Fault::none) << path << " " << json::describe(scan.fault);
      json::for_each_element(json::find_member({padded.data(), document.size()}, "Records"),
                             [&](std::string_view record) {
                               all.emplace_back(record);
                               return true;
                             });
    }
    return all;
  }

  static std::string text_of(const std::string& record, std::string_view member) {
    const auto padded = json::padded_copy(record);
    std::string scratch;
    const auto raw = json::find_member({padded.data(), record.size()}, member);
    return json::is_string(raw) ? std::string(json::string_content(raw, scratch))
                                : std::string(raw);
  }

  fs::path folder_;
};

TEST_F(GenerateTest, the_same_options_give_the_same_bytes_for_any_number_of_threads) {
  const GenerateOptions options{.events = 3000,
                                .seed = 5,
                                .days = 2,
                                .accounts = 3,
                                .regions = 2,
                                .stories = {"root-sign-in"},
                                .duplicates = 0.05};
  auto one = options;
  one.threads = 1;
  auto four = options;
  four.threads = 4;
  run("one", one);
  run("four", four);
  EXPECT_EQ(files("one"), files("four"));
  auto other = one;
  other.seed = 6;
  run("other", other);
  EXPECT_NE(files("one"), files("other"));
}

TEST_F(GenerateTest, records_are_whole_and_as_many_as_were_asked_for) {
  const auto report = run("logs", {.events = 5000, .seed = 1, .days = 3, .duplicates = 0.1});
  const auto all = records("logs");
  EXPECT_EQ(report.events, 5000U);
  EXPECT_EQ(all.size(), report.events + report.repeated_events);
  EXPECT_NEAR(static_cast<double>(report.repeated_events), 500, 80);
  std::set<std::string> ids;
  for (const auto& record : all) {
    ids.insert(text_of(record, "eventID"));
    for (const auto* member : {"eventVersion", "userIdentity", "eventSource", "eventName",
                               "awsRegion", "sourceIPAddress", "userAgent", "requestParameters",
                               "responseElements", "eventType", "recipientAccountId"}) {
      EXPECT_NE(text_of(record, member), "") << member << " of " << record;
    }
    EXPECT_EQ(record.find("{region}"), std::string::npos) << record;
  }
  EXPECT_EQ(ids.size(), report.events);
}

TEST_F(GenerateTest, files_lie_where_aws_puts_them_and_hold_what_their_key_says) {
  run("logs", {.events = 2000,
               .seed = 3,
               .days = 2,
               .accounts = 2,
               .regions = 2,
               .organization = "o-exampleorgid"});
  for (const auto& [path, bytes] : files("logs")) {
    Buffer text;
    ASSERT_TRUE(Gunzip().decompress(bytes, 100'000'000, text));
    const auto at = path.find("_CloudTrail_");
    ASSERT_NE(at, std::string::npos) << path;
    const auto account = path.substr(at - 12, 12);
    EXPECT_EQ(path.rfind("AWSLogs/o-exampleorgid/" + account + "/CloudTrail/", 0), 0U) << path;
    const auto region = path.substr(at + 12, path.find('_', at + 12) - at - 12);
    EXPECT_NE(text.view().find("\"recipientAccountId\":\"" + account), std::string_view::npos);
    EXPECT_NE(text.view().find("\"awsRegion\":\"" + region), std::string_view::npos);
    EXPECT_EQ(path.substr(path.size() - 8), ".json.gz");
  }
}

TEST_F(GenerateTest, shares_are_those_of_real_trails) {
  run("logs", {.events = 20'000, .seed = 9, .days = 2, .accounts = 4, .regions = 5});
  const auto all = records("logs");
  std::map<std::string, double> counts;
  double bytes = 0;
  for (const auto& record : all) {
    const double share = 1.0 / static_cast<double>(all.size());
    bytes += static_cast<double>(record.size()) * share;
    if (text_of(record, "awsRegion") == "us-east-1") counts["first region"] += share;
    if (text_of(record, "readOnly") == "true") counts["read"] += share;
    if (!text_of(record, "errorCode").empty()) counts["error"] += share;
    if (record.find("\"type\":\"AWSService\"") != std::string::npos) counts["service"] += share;
  }
  EXPECT_NEAR(counts["first region"], 0.7, 0.08);
  EXPECT_NEAR(counts["read"], 0.6, 0.15);
  EXPECT_NEAR(counts["error"], 0.05, 0.035);
  EXPECT_NEAR(counts["service"], 0.43, 0.08);
  EXPECT_NEAR(bytes, 1350, 300);
}

TEST_F(GenerateTest, stories_tell_the_truth) {
  GenerateOptions options{.events = 500, .seed = 4, .days = 3};
  for (const auto name : story_names()) options.stories.emplace_back(name);
  const auto report = run("logs", options);
  std::map<std::string, std::string> by_id;
  for (const auto& record : records("logs")) by_id[text_of(record, "eventID")] = record;
  const auto lines = files("logs").at("truth.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'),
            static_cast<ptrdiff_t>(story_names().size()));
  uint64_t told = 0;
  const World world(options.seed, options.accounts, options.regions);
  for (const auto name : story_names()) {
    const auto story =
        tell_story(name, world, options.start_us, options.start_us + 3 * kMicrosPerDay);
    ASSERT_TRUE(story.ok());
    const auto& truth = story.value().truth;
    EXPECT_NE(lines.find(to_json(truth)), std::string::npos) << name;
    for (const auto& [part, ids] : truth.events) {
      for (const auto& id : ids) {
        ASSERT_TRUE(by_id.count(id)) << name << " " << part;
        if (part == "throttled") {
          EXPECT_NE(text_of(by_id[id], "errorMessage").find("xceeded"), std::string::npos);
        }
        if (part == "dry_run") {
          EXPECT_EQ(text_of(by_id[id], "errorCode"), "Client.DryRunOperation");
        }
        ++told;
      }
    }
  }
  EXPECT_EQ(report.story_events, told);
}

TEST_F(GenerateTest, what_cannot_be_made_is_said) {
  GenerateProgress progress;
  EXPECT_EQ(generate({.days = 0}, progress).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(generate({.regions = 18}, progress).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(generate({.batch_minutes = 7}, progress).error().kind(), ErrorKind::invalid_argument);
  const auto unknown = generate({.stories = {"root-signin"}}, progress);
  EXPECT_NE(unknown.error().message().find("did you mean 'root-sign-in'?"), std::string::npos);
  GenerateOptions nowhere{.events = 10};
  nowhere.output = "/proc/cairn-cannot-write-here";
  EXPECT_FALSE(generate(nowhere, progress).ok());
}

}  // namespace
}  // namespace cairn::generate
