// What trails take, and how it is delivered.
#include "base/crypto.h"
#include "trails/testing/world.h"
#include "trails/trails.h"

#include <regex>
#include <semaphore>
#include <thread>

namespace cairn::trails {
namespace {

using testing::kHome;
using testing::kHour;
using testing::kMinute;
using testing::kSecond;
using testing::Made;
using testing::World;
using Ids = std::multiset<std::string>;

class DeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override { world_.open(); }

  /// A trail that logs.
  Trail start(const std::string& name, TrailSettings settings = {},
              const Scope& scope = kHome) const {
    if (!settings.bucket) settings.bucket = "logs";
    auto made = world_.trails->create(scope, name, settings, {});
    EXPECT_TRUE(made.ok()) << made.error().message();
    EXPECT_TRUE(world_.trails->start_logging(scope, name).ok());
    return made.value();
  }

  World world_;
};

TEST_F(DeliveryTest, putsLogFiles) {
  start("main", {.prefix = "p/q"});
  world_.accept({{.id = "1"}, {.id = "2"}});
  world_.accept({{.id = "3"}});
  const auto report = world_.run();
  EXPECT_EQ(report.files_delivered, 1U);
  EXPECT_EQ(report.events, 3U);
  const auto keys = world_.keys();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(std::regex_match(
      keys.front(),
      std::regex("p/q/AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/14/"
                 "111122223333_CloudTrail_eu-west-1_20250314T0905Z_[0-9A-Za-z]{16}\\.json\\.gz")))
      << keys.front();
  EXPECT_EQ(world_.text(keys.front()), "{\"Records\":[" + record(Made{.id = "1"}) + "," +
                                           record(Made{.id = "2"}) + "," + record(Made{.id = "3"}) +
                                           "]}");
  const auto status = world_.trails->status(kHome, "main").value();
  EXPECT_EQ(status.log_files.error, "");
  EXPECT_EQ(status.log_files.delivered_us, world_.time.now_us());
  EXPECT_EQ(status.files_waiting, 0U);
  // Nothing came, nothing is delivered.
  EXPECT_EQ(world_.run().files_made, 0U);
  EXPECT_EQ(world_.keys().size(), 1U);
}

TEST_F(DeliveryTest, deliversAnEventThatIsSentAgainOnce) {
  start("main");
  world_.accept({{.id = "1"}, {.id = "2"}, {.id = "1"}});
  world_.run();
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2"}));
  world_.accept({{.id = "2"}});
  auto report = world_.run();
  EXPECT_EQ(report.files_made, 0U);
  EXPECT_EQ(report.duplicates, 1U);
  world_.open();
  world_.accept({{.id = "2"}, {.id = "3"}});
  report = world_.run();
  EXPECT_EQ(report.duplicates, 1U) << "after a restart";
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2", "3"}));
  world_.make_bucket("late");
  start("late", {.bucket = "late"});
  world_.accept({{.id = "3"}});
  world_.run();
  EXPECT_EQ(world_.delivered("late"), (Ids{"3"})) << "another trail has not delivered it";
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2", "3"}));
}

TEST_F(DeliveryTest, deliversEachEventOnceWhereverItDies) {
  for (const bool after : {false, true}) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(fmt::format("change {} after {}", at, after));
      World world;
      world.open();
      ASSERT_TRUE(world.trails->create(kHome, "main", {.bucket = "logs"}, {}).ok());
      ASSERT_TRUE(world.trails->start_logging(kHome, "main").ok());
      world.accept({{.id = "1"}, {.id = "2"}});
      world.run();
      world.accept({{.id = "2"}, {.id = "3"}});
      world.faults.arm(at, after);
      world.time.wait_us(5 * kMinute);
      (void)world.trails->run_once(world.time.now_us());
      const bool died = world.faults.dead();
      world.open();
      world.accept({{.id = "3"}, {.id = "1"}});
      world.run();
      world.run();
      EXPECT_EQ(world.delivered(), (Ids{"1", "2", "3"}));
      if (!died) break;
      ASSERT_LT(at, 100);
    }
  }
}

TEST_F(DeliveryTest, hasAFileForEachAccountAndRegion) {
  world_.options.organization_id = "o-abcdefgh";
  world_.options.management_account = kHome.account;
  world_.open();
  start("org", {.multi_region = true, .organization = true});
  world_.accept(
      {{.id = "1"}, {.id = "2", .account = "444455556666"}, {.id = "3", .region = "us-east-1"}});
  world_.accept({{.id = "4", .account = "../../etc", .region = "../.."}});
  world_.run();
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2", "3", "4"}));
  EXPECT_EQ(world_.keys("AWSLogs/o-abcdefgh/111122223333/CloudTrail/eu-west-1/").size(), 1U);
  EXPECT_EQ(world_.keys("AWSLogs/o-abcdefgh/111122223333/CloudTrail/us-east-1/").size(), 1U);
  EXPECT_EQ(world_.keys("AWSLogs/o-abcdefgh/444455556666/CloudTrail/eu-west-1/").size(), 1U);
  EXPECT_EQ(world_.keys("AWSLogs/o-abcdefgh/000000000000/CloudTrail/eu-west-1/").size(), 1U);
  EXPECT_EQ(world_.keys().size(), 4U);
}

TEST_F(DeliveryTest, takesWhatIsTheTrails) {
  world_.make_bucket("all");
  world_.make_bucket("usa");
  start("single");
  start("multi", {.bucket = "all", .multi_region = true});
  start("global", {.bucket = "usa", .global_events = false}, {kHome.account, "us-east-1"});
  world_.accept({{.id = "here"}});
  world_.accept({{.id = "there", .region = "us-east-1"}});
  world_.accept({{.id = "iam", .region = "us-east-1", .source = "iam.amazonaws.com"}});
  world_.accept({{.id = "stranger", .account = "444455556666"}});
  world_.append(std::vector<std::string>{
      R"({"eventCategory":"ActivityAuditLog","eventType":"ActivityLog","awsRegion":"eu-west-1",)"
      R"("recipientAccountId":"111122223333","eventID":"audit"})"});
  world_.accept({{.id = "data", .more = R"(,"managementEvent":false,"eventCategory":"Data")"}});
  world_.run();
  EXPECT_EQ(world_.delivered(), (Ids{"here"}));
  EXPECT_EQ(world_.delivered("all"), (Ids{"here", "there", "iam"}));
  EXPECT_EQ(world_.delivered("usa"), (Ids{"there"}));
}

TEST_F(DeliveryTest, takesInsightsOfTheKindsThatAreOn) {
  start("main");
  ASSERT_TRUE(world_.trails->put_insights(kHome, "main", {{.type = InsightType::error_rate}}).ok());
  const auto insight = [](const std::string& id, const std::string& type) {
    return fmt::format(R"({{"eventType":"AwsCloudTrailInsight","eventCategory":"Insight",)"
                       R"("eventTime":"2025-03-14T09:00:00Z","awsRegion":"eu-west-1",)"
                       R"("eventID":"{}","recipientAccountId":"111122223333",)"
                       R"("insightDetails":{{"insightType":"{}"}}}})",
                       id, type);
  };
  world_.append({insight("1", "ApiCallRateInsight"), insight("2", "ApiErrorRateInsight")});
  world_.run();
  EXPECT_TRUE(world_.delivered().empty());
  const auto keys =
      world_.keys("/CloudTrail-Insight/eu-west-1/2025/03/14/111122223333_CloudTrail-Insight_");
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_NE(world_.text(keys.front()).find("\"eventID\":\"2\""), std::string::npos);
}

TEST_F(DeliveryTest, beginsAndEndsWithLogging) {
  world_.accept({{.id = "before"}});
  start("main");
  world_.accept({{.id = "during"}});
  ASSERT_TRUE(world_.trails->stop_logging(kHome, "main").ok());
  world_.accept({{.id = "after"}});
  world_.run(kSecond);  // what is over need not wait
  EXPECT_EQ(world_.delivered(), (Ids{"during"}));
  ASSERT_TRUE(world_.trails->start_logging(kHome, "main").ok());
  world_.accept({{.id = "again"}});
  lang::event_selectors::Selectors reads;
  reads.basic = {{.read_write = lang::event_selectors::ReadWrite::read_only}};
  ASSERT_TRUE(world_.trails->put_selectors(kHome, "main", reads).ok());
  world_.accept({{.id = "no longer wanted"}});
  world_.run();
  EXPECT_EQ(world_.delivered(), (Ids{"during", "again"}));
  // What was taken is delivered even when the trail is no more.
  ASSERT_TRUE(
      world_.trails->put_selectors(kHome, "main", lang::event_selectors::default_selectors()).ok());
  world_.accept({{.id = "last"}});
  ASSERT_TRUE(world_.trails->remove(kHome, "main").ok());
  world_.accept({{.id = "too late"}});
  world_.run(kSecond);
  EXPECT_EQ(world_.delivered(), (Ids{"during", "again", "last"}));
  EXPECT_TRUE(world_.state->query("SELECT 1 FROM trails", {}).value().empty());
}

TEST_F(DeliveryTest, cutsLargeFiles) {
  world_.options.file_bytes_max = 1000;
  world_.open();
  start("main");
  Ids ids;
  for (int i = 0; i < 10; ++i) {
    ids.insert(std::to_string(i));
    world_.accept({{.id = std::to_string(i)}});
  }
  const auto report = world_.run();
  EXPECT_EQ(report.files_made, 4U);  // of three events each
  EXPECT_EQ(world_.delivered(), ids);
  for (const auto& key : world_.keys()) EXPECT_LE(world_.text(key).size(), 1000U);
  // A record that is too large has a file of its own.
  world_.accept(
      {{.id = "big", .more = ",\"requestParameters\":\"" + std::string(2000, 'x') + "\""}});
  world_.accept({{.id = "small"}});
  EXPECT_EQ(world_.run().files_made, 2U);
}

TEST_F(DeliveryTest, triesAgain) {
  start("main");
  world_.accept({{.id = "1"}});
  world_.buckets["logs"]->refusal = Error{ErrorKind::permission_denied, "no"};
  auto report = world_.run();
  EXPECT_EQ(report.files_delivered, 0U);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems.front().find("the bucket logs"), std::string::npos);
  auto status = world_.trails->status(kHome, "main").value();
  EXPECT_EQ(status.log_files.error, "AccessDenied");
  EXPECT_EQ(status.log_files.attempt_us, world_.time.now_us());
  EXPECT_EQ(status.log_files.delivered_us, 0);
  EXPECT_EQ(status.files_waiting, 1U);
  // The spool may forget the events nevertheless.
  EXPECT_EQ(world_.trails->least_segment().value(), world_.spool->current());
  report = world_.run(kSecond / 2);  // too early
  EXPECT_EQ(report.problems.size(), 0U);
  EXPECT_EQ(report.refusing, 1U);
  EXPECT_EQ(world_.run(kSecond).problems.size(), 1U);
  world_.buckets["logs"]->refusal.reset();
  EXPECT_EQ(world_.run(kSecond).files_delivered, 0U);  // it waits longer each time
  EXPECT_EQ(world_.run(kSecond).files_delivered, 1U);
  status = world_.trails->status(kHome, "main").value();
  EXPECT_EQ(status.log_files.error, "");
  EXPECT_EQ(status.files_waiting, 0U);
  EXPECT_EQ(world_.delivered(), (Ids{"1"}));
}

TEST_F(DeliveryTest, goesOnWithAFullDisk) {
  start("main");
  world_.accept({{.id = "1"}});
  world_.buckets["logs"]->refusal = Error{ErrorKind::unavailable, "away"};
  world_.run();
  world_.accept({{.id = "2"}});
  world_.buckets["logs"]->refusal.reset();
  world_.outbox_puts->refusal = Error{ErrorKind::unavailable, "no space left on device"};
  world_.time.wait_us(5 * kMinute);
  EXPECT_FALSE(world_.trails->run_once(world_.time.now_us()).ok());
  EXPECT_EQ(world_.delivered(), (Ids{"1"}));
  EXPECT_LT(world_.trails->least_segment().value(), world_.spool->current());
  world_.outbox_puts->refusal.reset();
  world_.run(kSecond);
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2"}));
}

TEST_F(DeliveryTest, leavesABucketThatIsGoneBehind) {
  start("main");
  world_.append(std::vector{record(Made{.id = "1"})});
  world_.buckets["logs"]->refusal = Error{ErrorKind::not_found, "gone", "NoSuchBucket"};
  world_.run();
  world_.make_bucket("better");
  ASSERT_TRUE(world_.trails->update(kHome, "main", {.bucket = "better"}).ok());
  world_.append(std::vector{record(Made{.id = "2"})});
  world_.run();
  EXPECT_EQ(world_.delivered("better"), (Ids{"2"}));
  world_.buckets["logs"]->refusal.reset();
  world_.run();
  EXPECT_EQ(world_.delivered(), (Ids{"1"}));
}

TEST_F(DeliveryTest, losesNothingWhileItIsChanged) {
  start("main");
  constexpr int kChanges = 40;
  constexpr int kEventsPerChange = 10;
  constexpr int kRunsPerChange = 2;
  // Each change lets both threads go on a little.
  std::counting_semaphore<> events_due(0);
  std::counting_semaphore<> runs_due(0);
  Ids sent;
  std::thread events([&] {
    for (int i = 0; i < kChanges * kEventsPerChange; ++i) {
      events_due.acquire();
      const auto id = std::to_string(i);
      world_.append(std::vector{record(Made{.id = id})});
      sent.insert(id);
    }
  });
  std::thread runs([&] {
    for (int i = 0; i < kChanges * kRunsPerChange; ++i) {
      runs_due.acquire();
      EXPECT_TRUE(world_.trails->flush().ok());
    }
  });
  auto selectors = lang::event_selectors::default_selectors();
  for (int i = 0; i < kChanges; ++i) {  // all of these take the events
    events_due.release(kEventsPerChange);
    runs_due.release(kRunsPerChange);
    selectors.basic.front().excluded_management_sources.assign(i % 2, "kms.amazonaws.com");
    EXPECT_TRUE(world_.trails->put_selectors(kHome, "main", selectors).ok());
    EXPECT_TRUE(world_.trails->update(kHome, "main", {.prefix = i % 3 == 0 ? "p" : ""}).ok());
  }
  events.join();
  runs.join();
  ASSERT_TRUE(world_.trails->flush().ok());
  EXPECT_EQ(world_.delivered(), sent);
}

TEST_F(DeliveryTest, asksForEncryption) {
  start("main", {.kms_key = "alias/k"});
  world_.accept({{.id = "1"}});
  world_.buckets["logs"]->remote = true;
  world_.run();
  const auto& put = world_.buckets["logs"]->last;
  EXPECT_EQ(put.server_side_encryption, "aws:kms");
  EXPECT_EQ(put.kms_key_id, "arn:aws:kms:eu-west-1:111122223333:alias/k");
  EXPECT_EQ(put.acl, "bucket-owner-full-control");
  EXPECT_EQ(put.content_type, "application/json");
  EXPECT_EQ(put.content_encoding, "gzip");
}

TEST_F(DeliveryTest, sendsNotices) {
  world_.options.topics["t"] = {{.url = "http://one/"},
                                {.kind = NoticeTarget::Kind::sqs, .url = "queue", .raw = true}};
  world_.open();
  start("main", {.topic = "t", .multi_region = true});
  world_.accept({{.id = "1"}});
  world_.accept({{.id = "2", .region = "us-east-1"}});
  world_.sender.refusal = Error{ErrorKind::unavailable, "not now"};
  world_.run();
  EXPECT_EQ(world_.trails->status(kHome, "main").value().notices.error, "ServiceUnavailable");
  world_.sender.refusal.reset();
  world_.open();  // they are kept
  EXPECT_EQ(world_.run(kSecond).notices_sent, 2U);
  ASSERT_EQ(world_.sender.sent.size(), 2U);
  const auto& notice = world_.sender.sent.front().second;
  EXPECT_EQ(notice.topic_arn, "arn:aws:sns:eu-west-1:111122223333:t");
  const auto message = nlohmann::json::parse(notice.message);
  EXPECT_EQ(message.at("s3Bucket"), "logs");
  EXPECT_EQ(message.at("s3ObjectKey").get<std::vector<std::string>>().size(), 2U);
  const auto wrapped = nlohmann::json::parse(envelope(notice));
  EXPECT_EQ(wrapped.at("Message"), notice.message);
  EXPECT_EQ(wrapped.at("Type"), "Notification");
  EXPECT_EQ(wrapped.at("Timestamp"), "2025-03-14T09:05:00.000Z");
  const auto status = world_.trails->status(kHome, "main").value();
  EXPECT_EQ(status.notices.error, "");
  EXPECT_EQ(status.notices.delivered_us, world_.time.now_us());
  EXPECT_EQ(world_.run().notices_sent, 0U);
}

TEST_F(DeliveryTest, writesLogGroups) {
  start("main", {.log_group_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:a/b:*",
                 .log_role_arn = "arn:aws:iam::111122223333:role/r"});
  world_.accept({{.id = "1", .more = R"(,"x":"\"\n")"}});
  world_.accept({{.id = "huge", .more = ",\"x\":\"" + std::string(256 << 10, 'x') + "\""}});
  world_.run();
  const auto lines = world_.log_lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].at("timestamp"), 1'741'942'800'000);
  EXPECT_EQ(lines[0].at("ingestionTime"), world_.time.now_us() / 1000);
  EXPECT_EQ(lines[0].at("logStreamName"), "111122223333_CloudTrail_eu-west-1");
  EXPECT_EQ(lines[0].at("message"), record(Made{.id = "1", .more = R"(,"x":"\"\n")"}));
  const auto status = world_.trails->status(kHome, "main").value();
  EXPECT_EQ(status.events_too_large, 1U);
  EXPECT_EQ(status.log_group.delivered_us, world_.time.now_us());
  EXPECT_TRUE(
      world_.log_groups->list("111122223333/eu-west-1/a%2Fb/", "", [](const auto&) { return true; })
          .ok());
  EXPECT_EQ(world_.delivered(), (Ids{"1", "huge"}));
}

TEST_F(DeliveryTest, worksInAThread) {
  world_.options.interval_us = kSecond;
  world_.open();
  start("main");
  std::atomic<uint64_t> delivered = 0;
  world_.trails->start([&](const Result<RunReport>& report) {
    ASSERT_TRUE(report.ok()) << report.error().message();
    delivered += report.value().files_delivered;
  });
  world_.accept({{.id = "1"}});
  while (delivered == 0) world_.time.wake_next();
  EXPECT_EQ(world_.delivered(), (Ids{"1"}));
  world_.accept({{.id = "2"}});
  world_.trails->stop();
  EXPECT_EQ(world_.delivered(), (Ids{"1", "2"}));
}

// ---- crashes ----

TEST_F(DeliveryTest, ABucketThatDoesNotAnswerHoldsUpNoOther) {
  world_.options.interval_us = kSecond;
  for (const auto* const name : {"hole0", "hole1", "hole2", "hole3"}) world_.make_bucket(name);
  world_.open();
  start("main");
  for (int i = 0; i < 4; ++i) {
    const auto bucket = fmt::format("hole{}", i);
    ASSERT_TRUE(
        world_.trails->create(kHome, fmt::format("dead{}", i), {.bucket = bucket}, {}).ok());
    ASSERT_TRUE(world_.trails->start_logging(kHome, fmt::format("dead{}", i)).ok());
    world_.buckets[bucket]->before_put = [this]() -> Status {
      world_.cancelled.wait(false);
      return Error{ErrorKind::unavailable, "no answer"};
    };
  }
  std::atomic<uint64_t> delivered = 0;
  world_.trails->start([&](const Result<RunReport>& report) {
    ASSERT_TRUE(report.ok()) << report.error().message();
    delivered += report.value().files_delivered;
  });
  for (uint64_t file = 0; file < 5; ++file) {
    world_.accept({{.id = std::to_string(file)}});
    while (delivered <= file) world_.time.wake_next();
  }
  EXPECT_FALSE(world_.cancelled);
  world_.accept({{.id = "last"}});
  // stop() waits in vain for the other buckets; that time passes once this one has the last file.
  world_.buckets.at("logs")->after_put = [this] { world_.time.stop_sleeping(); };
  world_.trails->stop();
  EXPECT_TRUE(world_.cancelled);
  EXPECT_EQ(world_.delivered(), (Ids{"0", "1", "2", "3", "4", "last"}));
  EXPECT_EQ(world_.trails->status(kHome, "dead0").value().log_files.error, "ServiceUnavailable");
  // What could not be delivered is, once the bucket answers.
  for (auto& [name, bucket] : world_.buckets) bucket->before_put = {};
  world_.run();
  EXPECT_EQ(world_.delivered("hole3"), (Ids{"0", "1", "2", "3", "4", "last"}));
}

/// What a service does in a while, with its last step an abrupt end at change number `at`. False
/// when there were fewer changes.
bool live_and_die(World& world, int at, bool after) {
  world.faults.arm(at, after);
  for (int round = 0; round < 3; ++round) {
    world.time.wait_us(5 * kMinute);
    (void)world.trails->run_once(world.time.now_us()).ok();
    if (round == 1) world.time.wait_us(kHour);
  }
  (void)world.trails->stop_logging(kHome, "main").ok();
  world.time.wait_us(5 * kMinute);
  (void)world.trails->run_once(world.time.now_us()).ok();
  return world.faults.dead();
}

/// Gives a world the signing keys of the one before: making them takes long.
void share_keys(World& world, std::vector<store::StateRow>& rows) {
  constexpr std::string_view kColumns =
      "fingerprint, region, public_key, private_key, valid_from_us, valid_to_us";
  for (const auto& row : rows)
    ASSERT_TRUE(world.state
                    ->execute(fmt::format("INSERT INTO trail_signing_keys ({}) VALUES "
                                          "(?, ?, ?, ?, ?, ?)",
                                          kColumns),
                              {row.text(0), row.text(1), row.text(2), row.text(3), row.number(4),
                               row.number(5)})
                    .ok());
  const auto from = world.time.now_us() - kHour;
  for (const auto* region : {"eu-west-1", "us-east-1"})
    ASSERT_TRUE(world.trails->public_keys(region, from, from).ok());
  rows = world.state->query(fmt::format("SELECT {} FROM trail_signing_keys", kColumns), {}).value();
}

TEST(DeliveryCrashTest, deliversEachEventOnceWhereverItDies) {
  std::vector<store::StateRow> keys;
  for (const bool after : {false, true}) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(fmt::format("change {}, {}", at, after ? "after it" : "before it"));
      World world;
      world.options.file_bytes_max = 700;
      world.options.topics["t"] = {{.url = "http://one/"}};
      world.open();
      share_keys(world, keys);
      ASSERT_TRUE(
          world.trails
              ->create(kHome, "main",
                       {.bucket = "logs",
                        .topic = "t",
                        .multi_region = true,
                        .validation = true,
                        .log_group_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
                        .log_role_arn = "arn:aws:iam::111122223333:role/r"},
                       {})
              .ok());
      ASSERT_TRUE(world.trails->start_logging(kHome, "main").ok());
      Ids ids;
      for (int i = 0; i < 5; ++i) {
        ids.insert(std::to_string(i));
        world.accept({{.id = std::to_string(i), .region = i % 2 == 0 ? "eu-west-1" : "us-east-1"}});
      }
      const bool died = live_and_die(world, at, after);
      world.open();
      const auto status = world.trails->status(kHome, "main");
      ASSERT_TRUE(status.ok());
      if (status.value().logging) {
        ASSERT_TRUE(world.trails->stop_logging(kHome, "main").ok());
      }
      ASSERT_TRUE(world.trails->flush().ok());
      ASSERT_TRUE(world.trails->flush().ok());

      EXPECT_EQ(world.delivered(), ids);
      Ids lines;
      for (const auto& line : world.log_lines())
        lines.insert(nlohmann::json::parse(line.at("message").get<std::string>()).at("eventID"));
      EXPECT_EQ(lines, ids);
      // Each log file is in one digest, with its hash.
      std::map<std::string, std::string> hashes;
      for (const auto& key : world.keys("/CloudTrail-Digest/")) {
        const auto digest = nlohmann::json::parse(world.text(key));
        for (const auto& file : digest.at("logFiles"))
          EXPECT_TRUE(hashes.emplace(file.at("s3Object"), file.at("hashValue")).second);
      }
      const auto files = world.keys("/CloudTrail/");
      EXPECT_EQ(hashes.size(), files.size());
      for (const auto& key : files) EXPECT_EQ(hashes[key], to_hex(sha256(world.text(key))));
      // A notice for all of them; one may come twice, none may be missing.
      std::set<std::string> told;
      for (const auto& [target, notice] : world.sender.sent) {
        const auto message = nlohmann::json::parse(notice.message);
        for (const auto& key : message.at("s3ObjectKey")) told.insert(key.get<std::string>());
      }
      EXPECT_EQ(told, std::set<std::string>(files.begin(), files.end()));
      // Nothing is left behind.
      int outbox = 0;
      (void)world.outbox->list("", "", [&](const auto&) { return ++outbox > 0; });
      EXPECT_EQ(outbox, 0);
      EXPECT_EQ(world.trails->least_segment().value(), world.spool->current());
      if (!died) break;
    }
  }
}

}  // namespace
}  // namespace cairn::trails
