#include "model/key_layout.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn::model {
namespace {

struct Want {
  KeyKind kind;
  std::string_view account;
  std::string_view region;
  std::string_view delivered;  ///< start of the span; "" if unknown
};

void check(std::string_view key, const Want& want) {
  SCOPED_TRACE(key);
  const auto facts = read_key(key);
  EXPECT_EQ(facts.kind, want.kind);
  EXPECT_EQ(facts.account, want.account);
  EXPECT_EQ(facts.region, want.region);
  EXPECT_EQ(facts.delivered_min_us ? format_iso8601(*facts.delivered_min_us) : "", want.delivered);
}

TEST(KeyLayout, reads_the_tail_whatever_stands_before) {
  const std::string name =
      "111122223333_CloudTrail_us-east-1_20250314T0910Z_AbCdEfGhIjKlMnOp.json.gz";
  const Want want{KeyKind::log, "111122223333", "us-east-1", "2025-03-14T09:10:00Z"};
  const std::string tail = "111122223333/CloudTrail/us-east-1/2025/03/14/" + name;
  for (const auto* prefix : {"AWSLogs/", "bucket/my/prefix/AWSLogs/", "AWSLogs/o-exampleorgid/",
                             "o-exampleorgid/AWSLogs/o-exampleorgid/",
                             "logs/prod audit/AWSLogs/AWSLogs/", "/home/x/AWSLogs/old/AWSLogs/"}) {
    check(prefix + tail, want);
  }
  check(name, want);
  check("download/" + name, want);
}

TEST(KeyLayout, partitions_of_other_clouds) {
  check("AWSLogs/111122223333/CloudTrail/us-gov-west-1/2025/03/14/x.json.gz",
        {KeyKind::log, "111122223333", "us-gov-west-1", "2025-03-14T00:00:00Z"});
  check("AWSLogs/111122223333/CloudTrail/cn-north-1/2025/03/14/x.json.gz",
        {KeyKind::log, "111122223333", "cn-north-1", "2025-03-14T00:00:00Z"});
}

TEST(KeyLayout, tells_other_files_apart) {
  check(
      "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2025/03/14/"
      "111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20250314T091122Z.json.gz",
      {KeyKind::digest, "111122223333", "us-east-1", "2025-03-14T09:11:00Z"});
  check("AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2025/03/14/a.json.gz",
        {KeyKind::insight, "111122223333", "us-east-1", "2025-03-14T00:00:00Z"});
  check("AWSLogs/111122223333/vpcflowlogs/us-east-1/2025/03/14/a.log.gz",
        {KeyKind::other_service, "111122223333", "", ""});
  check("some/folder/events.json", {KeyKind::unknown, "", "", ""});
  check("", {KeyKind::unknown, "", "", ""});
  check("AWSLogs", {KeyKind::unknown, "", "", ""});
}

TEST(KeyLayout, names_log_files) {
  const auto key = log_file_key({.prefix = "a/b",
                                 .organization = "o-abc",
                                 .account = "111122223333",
                                 .region = "eu-west-1",
                                 .delivered_us = 1'741'943'482'000'000,  // 2025-03-14T09:11:22Z
                                 .unique = "0123456789abcdef"});
  EXPECT_EQ(key,
            "a/b/AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/2025/03/14/"
            "111122223333_CloudTrail_eu-west-1_20250314T0911Z_0123456789abcdef.json.gz");
  check(key, {KeyKind::log, "111122223333", "eu-west-1", "2025-03-14T09:11:00Z"});
  EXPECT_EQ(log_file_key({.account = "../x", .region = "", .insight = true, .unique = "u"}),
            "AWSLogs/___x/CloudTrail-Insight/unknown/1970/01/01/"
            "___x_CloudTrail-Insight_unknown_19700101T0000Z_u.json.gz");
}

TEST(KeyLayout, a_day_folder_spans_the_day) {
  const auto facts = read_key("AWSLogs/111122223333/CloudTrail/us-east-1/2025/03/14/x.json.gz");
  ASSERT_TRUE(facts.delivered_max_us.has_value());
  EXPECT_EQ(format_iso8601(*facts.delivered_max_us), "2025-03-14T23:59:59.999999Z");
}

}  // namespace
}  // namespace cairn::model
