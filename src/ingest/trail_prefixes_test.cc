#include "ingest/trail_prefixes.h"

#include "base/time.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace cairn::ingest {
namespace {

/// A bucket of which only the keys matter. Counts its listings.
class FakeBucket final : public io::ObjectStore, public io::PrefixLister {
 public:
  explicit FakeBucket(std::set<std::string> keys) : keys_(std::move(keys)) {}

  Result<std::vector<std::string>> common_prefixes(const std::string& prefix) override {
    ++listings;
    std::set<std::string> found;
    for (const auto& key : keys_) {
      const auto slash = key.find('/', prefix.size());
      if (key.starts_with(prefix) && slash != std::string::npos)
        found.insert(key.substr(0, slash + 1));
    }
    return std::vector<std::string>(found.begin(), found.end());
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    ++listings;
    for (const auto& key : keys_)
      if (key.starts_with(prefix) && key > start_after) {
        ++listed;
        if (!visit({.key = key})) break;
      }
    return {};
  }

  Result<std::string> get(const std::string&, uint64_t) override { return unused(); }

  Result<std::string> get_range(const std::string&, uint64_t, uint64_t) override {
    return unused();
  }

  Result<io::ObjectInfo> head(const std::string&) override { return unused(); }

  Status put(const std::string&, std::string_view) override { return unused(); }

  Status remove(const std::string&) override { return unused(); }

  std::string uri(std::string_view key) const override { return std::string(key); }

  std::optional<std::string> local_path(std::string_view) const override { return std::nullopt; }

  std::atomic<int> listings{0};
  std::atomic<int> listed{0};

 private:
  static Error unused() { return {ErrorKind::internal, "not for this test"}; }

  const std::set<std::string> keys_;
};

std::vector<std::string> prefixes(io::PrefixLister& bucket, const std::string& base) {
  std::vector<std::string> out;
  const auto spans = find_trails(bucket, base, {});
  if (!spans.ok()) return {spans.error().message()};
  for (const auto& span : spans.value()) out.push_back(span.prefix);
  return out;
}

using Prefixes = std::vector<std::string>;

TEST(TrailPrefixes, AccountsAndRegionsFromAnyFolderOfTheLayout) {
  FakeBucket bucket({"AWSLogs/111111111111/CloudTrail/eu-west-1/2025/03/14/a.json.gz",
                     "AWSLogs/111111111111/CloudTrail/us-gov-east-1/2025/03/14/a.json.gz",
                     "AWSLogs/111111111111/CloudTrail-Digest/eu-west-1/2025/03/14/d.json.gz",
                     "AWSLogs/111111111111/CloudTrail-Insight/eu-west-1/2025/03/14/i.json.gz",
                     "AWSLogs/111111111111/Config/eu-west-1/2025/3/14/c.json.gz",
                     "AWSLogs/222222222222/CloudTrail/eu-west-1/2025/03/14/a.json.gz",
                     "AWSLogs/222222222222/elasticloadbalancing/eu-west-1/2025/x.log"});
  const Prefixes all = {"AWSLogs/111111111111/CloudTrail-Insight/eu-west-1/",
                        "AWSLogs/111111111111/CloudTrail/eu-west-1/",
                        "AWSLogs/111111111111/CloudTrail/us-gov-east-1/",
                        "AWSLogs/222222222222/CloudTrail/eu-west-1/"};
  EXPECT_EQ(prefixes(bucket, ""), all);
  EXPECT_EQ(prefixes(bucket, "AWSLogs"), all);
  EXPECT_EQ(prefixes(bucket, "AWSLogs/"), all);
  EXPECT_EQ(prefixes(bucket, "AWSLogs/222222222222"), Prefixes{all[3]});
  EXPECT_EQ(prefixes(bucket, "AWSLogs/111111111111/CloudTrail"), (Prefixes{all[1], all[2]}));
  EXPECT_EQ(prefixes(bucket, all[2]), Prefixes{all[2]});
  const auto spans = find_trails(bucket, "AWSLogs/222222222222", {});
  EXPECT_EQ(spans.value().at(0).account, "222222222222");
  EXPECT_EQ(spans.value().at(0).region, "eu-west-1");
}

TEST(TrailPrefixes, OrganisationsControlTowerAndOwnPrefixes) {
  FakeBucket bucket(
      {"o-abcdefghij/AWSLogs/o-abcdefghij/111111111111/CloudTrail/eu-west-1/2025/03/14/a",
       "AWSLogs/o-abcdefghij/222222222222/CloudTrail/eu-west-1/2025/03/14/a",
       "team/audit/AWSLogs/333333333333/CloudTrail/eu-west-1/2025/03/14/a", "other/file"});
  EXPECT_EQ(prefixes(bucket, ""),
            (Prefixes{"AWSLogs/o-abcdefghij/222222222222/CloudTrail/eu-west-1/",
                      "o-abcdefghij/AWSLogs/o-abcdefghij/111111111111/CloudTrail/eu-west-1/",
                      "team/audit/AWSLogs/333333333333/CloudTrail/eu-west-1/"}));
}

TEST(TrailPrefixes, OnlyTheDaysAskedForAreListed) {
  std::set<std::string> keys;
  for (int day = 1; day <= 31; ++day)
    for (int file = 0; file < 10; ++file)
      keys.insert("AWSLogs/111111111111/CloudTrail/eu-west-1/2025/01/" +
                  std::string(day < 10 ? "0" : "") + std::to_string(day) + "/" +
                  std::to_string(file));
  FakeBucket bucket(keys);
  const auto spans = find_trails(bucket, "",
                                 {.from_us = parse_iso8601("2025-01-30T23:59:59Z"),
                                  .last_us = parse_iso8601("2025-01-31T00:00:00Z")});
  ASSERT_TRUE(spans.ok());
  ASSERT_EQ(spans.value().size(), 1U);
  const auto& span = spans.value()[0];
  EXPECT_EQ(span.start_after, span.prefix + "2025/01/30/");
  EXPECT_EQ(span.end, span.prefix + "2025/02/01/");
  std::set<std::string> seen;
  ASSERT_TRUE(list_trails(bucket, spans.value(), [&](const io::ObjectInfo& object) {
                seen.insert(object.key);
              }).ok());
  EXPECT_EQ(seen.size(), 20U);
  EXPECT_EQ(bucket.listed, 20);
  for (const auto& key : keys) EXPECT_EQ(span.contains(key), seen.contains(key)) << key;
}

TEST(TrailPrefixes, WithoutTheLayoutEverythingIsListed) {
  FakeBucket bucket({"exports/1.json", "exports/2025/2.json", "x"});
  const auto spans = find_trails(bucket, "", {.from_us = parse_iso8601("2025-01-30T00:00:00Z")});
  ASSERT_TRUE(spans.ok());
  ASSERT_EQ(spans.value().size(), 1U);
  EXPECT_EQ(spans.value()[0].prefix, "");
  EXPECT_EQ(spans.value()[0].start_after, "");
  int seen = 0;
  ASSERT_TRUE(list_trails(bucket, spans.value(), [&](const io::ObjectInfo&) { ++seen; }).ok());
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(prefixes(bucket, "exports"), Prefixes{"exports/"});
}

TEST(TrailPrefixes, YearsAloneAreBoundedToo) {
  FakeBucket bucket({"2024/12/31/a", "2025/01/30/b"});
  const auto spans = find_trails(bucket, "", {.from_us = parse_iso8601("2025-01-01T00:00:00Z")});
  ASSERT_TRUE(spans.ok());
  EXPECT_EQ(spans.value().at(0).start_after, "2025/01/01/");
}

TEST(TrailPrefixes, ALargeBucketOfAnotherLayoutCostsLittle) {
  std::set<std::string> keys;
  for (int i = 0; i < 5000; ++i) keys.insert("d" + std::to_string(i) + "/e/f/g/h");
  FakeBucket bucket(keys);
  EXPECT_EQ(prefixes(bucket, ""), Prefixes{""});
  EXPECT_LE(bucket.listings, 202);
}

TEST(TrailPrefixes, ManyAccountsCostTwoListingsEach) {
  std::set<std::string> keys;
  for (int i = 0; i < 300; ++i)
    for (const auto* region : {"eu-west-1", "us-east-1"})
      keys.insert("AWSLogs/" + std::to_string(100000000000 + i) + "/CloudTrail/" + region +
                  "/2025/01/01/a");
  FakeBucket bucket(keys);
  EXPECT_EQ(find_trails(bucket, "", {}).value().size(), 600U);
  EXPECT_EQ(bucket.listings, 602);
}

}  // namespace
}  // namespace cairn::ingest
