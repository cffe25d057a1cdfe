// Digests of trails, as integrity/ verifies them.
#include "integrity/walk.h"
#include "trails/testing/world.h"
#include "trails/trails.h"

namespace cairn::trails {
namespace {

using testing::kHome;
using testing::kHour;
using testing::kMinute;
using testing::kSecond;
using testing::World;

struct Seen final : integrity::WalkVisitor {
  bool digest(const std::shared_ptr<const integrity::CheckedDigest>& digest) override {
    ++digests;
    faults += digest->valid() ? 0 : 1;
    starting += digest->digest && !digest->digest->previous_signature ? 1 : 0;
    fingerprints.insert(digest->digest ? digest->digest->fingerprint : "");
    return true;
  }

  bool log(const integrity::CheckedLog& log) override {
    ++logs;
    faults += log.valid() ? 0 : 1;
    return true;
  }

  bool gap(const integrity::DigestGap&) override {
    ++gaps;
    return true;
  }

  int digests = 0;
  int starting = 0;
  int logs = 0;
  int gaps = 0;
  int faults = 0;
  std::set<std::string> fingerprints{};
};

/// Keys as ListPublicKeys gives them.
class ListedKeys final : public integrity::KeySource {
 public:
  explicit ListedKeys(Trails& trails) : trails_(trails) {}

  Result<integrity::PublicKeys> keys(const std::string& region, int64_t start_us,
                                     int64_t end_us) override {
    const auto listed = CAIRN_TRY(trails_.public_keys(region, start_us, end_us));
    integrity::PublicKeys out;
    for (const auto& one : listed) {
      const auto key = CAIRN_TRY(RsaPublicKey::from_pkcs1(one.der));
      out.add(key);
    }
    return out;
  }

 private:
  Trails& trails_;
};

class DigestTest : public ::testing::Test {
 protected:
  void SetUp() override { world_.open(); }

  void start(TrailSettings settings = {}) {
    settings.bucket = "logs";
    settings.validation = true;
    begun_us_ = world_.time.now_us();
    const auto made = world_.trails->create(kHome, "main", settings, {});
    ASSERT_TRUE(made.ok()) << made.error().message();
    ASSERT_TRUE(world_.trails->start_logging(kHome, "main").ok());
  }

  /// An event every few minutes for so long.
  void live(int64_t micros) {
    for (int64_t at = 0; at < micros; at += 10 * kMinute) {
      world_.accept({{.id = std::to_string(++events_)}});
      world_.run(10 * kMinute);
    }
  }

  Seen walk(const std::string& region = "eu-west-1", const std::string& prefix = "") {
    integrity::OriginalBuckets buckets([&](const auto& name) -> Result<io::ObjectStore*> {
      auto store = CAIRN_TRY(world_.bucket(name));
      return store.get();
    });
    ListedKeys keys(*world_.trails);
    Seen seen;
    const auto status =
        integrity::walk(buckets, keys,
                        {.prefix = prefix,
                         .account = kHome.account,
                         .region = region,
                         .trail = "main",
                         .home_region = kHome.region},
                        "logs", {.start_us = begun_us_, .end_us = world_.time.now_us()}, seen);
    EXPECT_TRUE(status.ok()) << status.error().message();
    return seen;
  }

  World world_;
  int64_t begun_us_ = 0;
  int events_ = 0;
};

TEST_F(DigestTest, areChainedEveryHour) {
  start({.prefix = "p"});
  live(2 * kHour);
  world_.run(3 * kHour);  // hours without events, made up for at once
  live(kHour);
  world_.run(kHour);  // what was delivered at the very end of an hour is the next one's
  const auto seen = walk("eu-west-1", "p");
  EXPECT_EQ(seen.digests, 7);
  EXPECT_EQ(seen.starting, 1);
  EXPECT_EQ(seen.logs, events_);
  EXPECT_EQ(seen.faults, 0);
  EXPECT_EQ(seen.gaps, 0);
  const auto keys = world_.keys("CloudTrail-Digest");
  ASSERT_EQ(keys.size(), 7U);
  EXPECT_EQ(keys.front(),
            "p/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/14/"
            "111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20250314T100000Z.json.gz");
  const auto status = world_.trails->status(kHome, "main").value();
  EXPECT_NE(status.digests.delivered_us, 0);
  EXPECT_EQ(status.digests.error, "");
}

TEST_F(DigestTest, beginAnewAfterAPause) {
  start();
  live(2 * kHour);
  ASSERT_TRUE(world_.trails->stop_logging(kHome, "main").ok());
  world_.run(2 * kMinute);  // the last one comes with the end, not with the hour
  EXPECT_EQ(world_.keys("CloudTrail-Digest").size(), 3U);
  world_.run(5 * kHour);
  EXPECT_EQ(world_.keys("CloudTrail-Digest").size(), 3U);
  ASSERT_TRUE(world_.trails->start_logging(kHome, "main").ok());
  live(kHour);
  world_.run(kHour);
  auto seen = walk();
  EXPECT_EQ(seen.digests, 5);
  EXPECT_EQ(seen.starting, 2);
  EXPECT_EQ(seen.gaps, 1);
  EXPECT_EQ(seen.logs, events_);
  EXPECT_EQ(seen.faults, 0);
  // Validation off and on is such a pause, too; its log files are in no digest.
  ASSERT_TRUE(world_.trails->update(kHome, "main", {.validation = false}).ok());
  const int with = events_;
  live(kHour);
  ASSERT_TRUE(world_.trails->update(kHome, "main", {.validation = true}).ok());
  world_.run(kHour + kMinute);
  seen = walk();
  EXPECT_EQ(seen.starting, 3);
  EXPECT_EQ(seen.logs, with);
  EXPECT_EQ(seen.faults, 0);
  EXPECT_EQ(world_.delivered().size(), static_cast<size_t>(events_));
}

TEST_F(DigestTest, areOfEachRegionWithItsKey) {
  start({.multi_region = true});
  live(30 * kMinute);
  world_.accept({{.id = "there", .region = "us-east-1"}});
  world_.run(10 * kMinute);
  world_.run(kHour);
  const auto here = walk();
  const auto there = walk("us-east-1");
  EXPECT_EQ(here.logs, events_);
  EXPECT_EQ(there.logs, 1);
  EXPECT_EQ(here.digests, 1);
  EXPECT_EQ(there.digests, 1);
  EXPECT_EQ(here.faults + there.faults, 0);
  EXPECT_NE(here.fingerprints, there.fingerprints);
  world_.run(kHour);
  EXPECT_EQ(walk("us-east-1").digests, 2);
}

TEST_F(DigestTest, changeKeysInTime) {
  world_.options.digest_interval_us = 24 * kHour;
  world_.open();
  start();
  world_.run(65 * 24 * kHour);
  const auto seen = walk();
  EXPECT_EQ(seen.digests, 65);
  EXPECT_EQ(seen.faults, 0);
  EXPECT_EQ(seen.fingerprints.size(), 3U);
  const auto keys =
      world_.trails->public_keys("eu-west-1", begun_us_, world_.time.now_us()).value();
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_LT(keys[1].valid_from_us, keys[0].valid_to_us);  // they overlap
  EXPECT_EQ(world_.trails->public_keys("eu-west-1", begun_us_, begun_us_).value().size(), 1U);
}

TEST_F(DigestTest, waitForTheirBucket) {
  start();
  live(50 * kMinute);
  world_.buckets["logs"]->refusal = Error{ErrorKind::not_found, "gone", "NoSuchBucket"};
  live(2 * kHour);
  EXPECT_EQ(world_.trails->status(kHome, "main").value().digests.error, "NoSuchBucket");
  world_.buckets["logs"]->refusal.reset();
  world_.run(kHour);
  world_.run(kHour);
  const auto seen = walk();
  EXPECT_EQ(seen.logs, events_);
  EXPECT_EQ(seen.faults, 0);
  EXPECT_EQ(world_.trails->status(kHome, "main").value().digests.error, "");
}

TEST_F(DigestTest, showWhatWasAltered) {
  start();
  live(kHour);
  const auto key = world_.keys("/CloudTrail/").front();
  ASSERT_TRUE(world_.bucket("logs").value()->put(key, "nonsense").ok());
  EXPECT_EQ(walk().faults, 1);
}

}  // namespace
}  // namespace cairn::trails
