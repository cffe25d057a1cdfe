#include "integrity/digest_key.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn::integrity {
namespace {

const DigestChain kPlain{"", "", "111122223333", "eu-west-1", "management-events", "us-east-1"};
constexpr int64_t kEnd = 1'741'943'482 * kMicrosPerSecond;  // 2025-03-14T09:11:22Z

TEST(DigestKey, MakesAwssKeys) {
  EXPECT_EQ(digest_key(kPlain, kEnd),
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/14/"
            "111122223333_CloudTrail-Digest_eu-west-1_management-events_us-east-1_"
            "20250314T091122Z.json.gz");
  auto chain = kPlain;
  chain.prefix = "my/prefix";
  chain.organization = "o-exampleorgid";
  EXPECT_EQ(digest_key(chain, kEnd, true),
            "my/prefix/AWSLogs/o-exampleorgid/111122223333/CloudTrail-Digest/eu-west-1/2025/03/14/"
            "111122223333_CloudTrail-Digest_eu-west-1_management-events_us-east-1_"
            "20250314T091122Z_backfill.json.gz");
  EXPECT_EQ(log_folder(chain),
            "my/prefix/AWSLogs/o-exampleorgid/111122223333/CloudTrail/eu-west-1/");
}

TEST(DigestKey, ReadsBackWhatItMakes) {
  for (const auto* prefix : {"", "p", "my/prefix", "AWSLogs", "a/AWSLogs/o-x", "o-x"})
    for (const auto* organization : {"", "o-exampleorgid"})
      for (const auto* trail : {"t", "my_trail_us-east-1", "a.b-c", "_"})
        for (const bool backfill : {false, true}) {
          auto chain = kPlain;
          chain.prefix = prefix;
          chain.organization = organization;
          chain.trail = trail;
          const auto key = digest_key(chain, kEnd, backfill);
          SCOPED_TRACE(key);
          const auto name = parse_digest_key(key);
          ASSERT_TRUE(name);
          EXPECT_EQ(name->chain, chain);
          EXPECT_EQ(name->end_us, kEnd);
          EXPECT_EQ(name->backfill, backfill);
        }
}

TEST(DigestKey, RefusesWhatIsNone) {
  const auto good = digest_key(kPlain, kEnd);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto key = good;
    return key.replace(key.find(from), from.size(), to);
  };
  for (const auto& key :
       {std::string(), std::string("AWSLogs/"), good + "x", with(".json.gz", ""),
        with("AWSLogs/", ""), with("AWSLogs/", "/AWSLogs/"), with("AWSLogs", "xAWSLogs"),
        with("/2025/", "/2024/"), with("eu-west-1/", "us-east-1/"),
        with("CloudTrail-Digest/", "CloudTrail/"), with("20250314T091122Z", "20250314T0911Z"),
        with("20250314T091122Z", "20251314T091122Z"), with("20250314T091122Z", "20250314T091160Z"),
        with("_management-events_us-east-1", ""), with("111122223333/", "111122223334/")}) {
    SCOPED_TRACE(key);
    EXPECT_FALSE(parse_digest_key(key));
  }
}

TEST(DigestKey, NamesTheTrail) {
  EXPECT_EQ(trail_arn(kPlain), "arn:aws:cloudtrail:us-east-1:111122223333:trail/management-events");
  auto chain = kPlain;
  chain.home_region = "us-gov-west-1";
  EXPECT_EQ(trail_arn(chain),
            "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/management-events");
}

}  // namespace
}  // namespace cairn::integrity
