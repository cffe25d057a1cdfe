#include "recording/recording.h"

#include "base/base64.h"
#include "base/crypto.h"
#include "base/time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

namespace cairn::recording {
namespace {

namespace fs = std::filesystem;

class SetClock final : public io::Clock {
 public:
  int64_t now_us() const override { return now; }

  int64_t now = 1'774'000'000'000'000;  // 2026-03-20T09:46:40Z
};

class RecordingTest : public ::testing::Test {
 protected:
  RecordingTest()
      : folder_(fs::temp_directory_path() / fmt::format("cairn_recording_test_{}", getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    open();
  }

  ~RecordingTest() override {
    recording_.reset();
    spool_.reset();
    state_.reset();
    fs::remove_all(folder_);
  }

  void open() {
    recording_.reset();
    spool_.reset();
    state_.reset();
    state_ = store::StateDatabase::open((folder_ / "state.db").string(), true).value();
    spool_ = spool::Spool::open({.folder = (folder_ / "spool").string()}, clock_).value();
    recording_ = Recording::open(*state_, *spool_, clock_, random_).value();
  }

  EventDataStore make_store(const std::string& name, const std::string& category = "Management") {
    StoreSettings settings;
    settings.name = name;
    settings.termination_protection = false;
    settings.selectors = {{.fields = {{.field = "eventCategory", .equals = {category}}}}};
    auto made = recording_->create_store(scope_, settings, {});
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message());
    return std::move(made).value();
  }

  Channel make_channel(const std::string& name, const EventDataStore& store) {
    return recording_->create_channel(scope_, name, "Custom", {store.arn()}, {}).value();
  }

  std::vector<std::string> spooled() {
    std::vector<std::string> records;
    EXPECT_TRUE(spool_->roll().ok());
    for (const auto& segment : spool_->sealed(0))
      EXPECT_TRUE(spool_
                      ->read(segment,
                             [&](std::string_view record) {
                               records.emplace_back(record);
                               return true;
                             })
                      .ok());
    return records;
  }

  static std::string event_data(const std::string& name = "Login") {
    return fmt::format(
        R"({{"version":"1.0","userIdentity":{{"type":"User","principalId":"p"}},)"
        R"("eventSource":"app.example","eventName":"{}","eventTime":"2026-03-20T09:46:40Z",)"
        R"("UID":"1","recipientAccountId":"111122223333"}})",
        name);
  }

  template <class T>
  static std::string code(const Result<T>& result) {
    return result.ok() ? "" : std::string(result.error().aws_code());
  }

  fs::path folder_;
  SetClock clock_;
  io::SystemRandom random_;
  Scope scope_{.account = "111122223333", .region = "eu-west-1"};
  std::unique_ptr<store::StateDatabase> state_;
  std::unique_ptr<spool::Spool> spool_;
  std::unique_ptr<Recording> recording_;
};

TEST_F(RecordingTest, AStoreHasAwsDefaults) {
  StoreSettings settings;
  settings.name = "all";
  const auto store = recording_->create_store(scope_, settings, {{"team", "audit"}}).value();
  EXPECT_EQ(store.arn(), "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/" + store.id);
  EXPECT_TRUE(store.multi_region && store.termination_protection && store.extendable);
  EXPECT_FALSE(store.organization);
  EXPECT_EQ(store.retention_days, 366);
  EXPECT_EQ(store.category(), Category::management);
  EXPECT_EQ(store.spans, (std::vector<Span>{{.from_us = clock_.now}}));
  EXPECT_EQ(code(recording_->create_store(scope_, settings, {})),
            "EventDataStoreAlreadyExistsException");
  open();  // all of it was kept
  const auto again = recording_->get_store(scope_, store.id).value();
  EXPECT_EQ(again.name, "all");
  EXPECT_EQ(again.tags, store.tags);
  EXPECT_EQ(again.selectors, store.selectors);
  EXPECT_EQ(code(recording_->get_store({"444455556666", "eu-west-1"}, store.arn())),
            "EventDataStoreNotFoundException");
  EXPECT_EQ(code(recording_->get_store({"111122223333", "us-east-1"}, store.arn())),
            "EventDataStoreARNInvalidException");
}

TEST_F(RecordingTest, StoresLiveAndDieAsAwsHasIt) {
  auto store = make_store("one");
  EXPECT_EQ(code(recording_->start_ingestion(scope_, store.id)),
            "InvalidEventDataStoreStatusException");
  EXPECT_TRUE(recording_->stop_ingestion(scope_, store.id).ok());
  clock_.now += kMicrosPerHour;
  EXPECT_TRUE(recording_->start_ingestion(scope_, store.id).ok());
  EXPECT_EQ(recording_->get_store(scope_, store.id).value().spans.size(), 2U);
  StoreSettings protect;
  protect.termination_protection = true;
  EXPECT_TRUE(recording_->update_store(scope_, store.id, protect).ok());
  EXPECT_EQ(code(recording_->delete_store(scope_, store.id)),
            "EventDataStoreTerminationProtectedException");
  protect.termination_protection = false;
  EXPECT_TRUE(recording_->update_store(scope_, store.id, protect).ok());
  EXPECT_TRUE(recording_->delete_store(scope_, store.id).ok());
  EXPECT_EQ(code(recording_->delete_store(scope_, store.id)), "InactiveEventDataStoreException");
  EXPECT_EQ(code(recording_->update_store(scope_, store.id, protect)),
            "InactiveEventDataStoreException");
  EXPECT_EQ(recording_->restore_store(scope_, store.id).value().status, StoreStatus::enabled);
  EXPECT_EQ(code(recording_->restore_store(scope_, store.id)),
            "InvalidEventDataStoreStatusException");
  EXPECT_TRUE(recording_->delete_store(scope_, store.id).ok());
  clock_.now += kDeletionUs;
  EXPECT_EQ(code(recording_->get_store(scope_, store.id)), "EventDataStoreNotFoundException");
  open();
  EXPECT_TRUE(recording_->list_stores(scope_).value().empty());
}

TEST_F(RecordingTest, StoresHaveLimits) {
  StoreSettings settings;
  settings.name = "x";
  settings.retention_days = 6;
  EXPECT_EQ(code(recording_->create_store(scope_, settings, {})), "InvalidParameterException");
  settings.retention_days = 3653;
  settings.extendable = false;
  EXPECT_EQ(code(recording_->create_store(scope_, settings, {})), "InvalidParameterException");
  for (size_t i = 0; i < kStoresMax; ++i) make_store(fmt::format("s{}", i));
  settings.retention_days = 100;
  EXPECT_EQ(code(recording_->create_store(scope_, settings, {})),
            "EventDataStoreMaxLimitExceededException");
}

TEST_F(RecordingTest, ChannelsNeedAStoreOfActivity) {
  const auto management = make_store("management");
  const auto activity = make_store("activity", "ActivityAuditLog");
  EXPECT_EQ(code(recording_->create_channel(scope_, "c", "Custom", {management.arn()}, {})),
            "InvalidEventDataStoreCategoryException");
  EXPECT_EQ(code(recording_->create_channel(scope_, "c", "Nobody", {activity.arn()}, {})),
            "InvalidSourceException");
  const auto channel = make_channel("c", activity);
  EXPECT_EQ(code(recording_->create_channel(scope_, "c", "Custom", {activity.arn()}, {})),
            "ChannelAlreadyExistsException");
  EXPECT_EQ(code(recording_->delete_store(scope_, activity.id)), "ChannelExistsForEDSException");
  EXPECT_EQ(code(recording_->start_ingestion(scope_, activity.id)),
            "InvalidEventDataStoreCategoryException");
  EXPECT_TRUE(recording_->add_tags(channel.arn(), {{"a", "b"}}).ok());
  EXPECT_EQ(recording_->tags_of(channel.arn()).value(), (aws::Tags{{"a", "b"}}));
  EXPECT_EQ(code(recording_->get_policy(scope_, channel.arn())), "ResourcePolicyNotFoundException");
  EXPECT_EQ(code(recording_->put_policy(scope_, channel.arn(), "[]")),
            "ResourcePolicyNotValidException");
  EXPECT_TRUE(recording_->put_policy(scope_, channel.arn(), R"({"Statement":[]})").ok());
  EXPECT_EQ(recording_->get_policy(scope_, channel.arn()).value(), R"({"Statement":[]})");
  EXPECT_TRUE(recording_->delete_channel(scope_, channel.arn()).ok());
  EXPECT_EQ(code(recording_->get_channel(scope_, channel.arn())), "ChannelNotFoundException");
  EXPECT_EQ(code(recording_->get_channel(scope_, "nonsense")), "ChannelARNInvalidException");
}

TEST_F(RecordingTest, TakesAuditEvents) {
  const auto store = make_store("activity", "ActivityAuditLog");
  const auto channel = make_channel("c", store);
  const auto outcomes =
      recording_
          ->put_audit_events(
              scope_, channel.arn(), "",
              {{.id = "1", .data = event_data()},
               {.id = "2", .data = event_data(), .checksum = encode_base64(sha256(event_data()))},
               {.id = "3", .data = event_data(), .checksum = "AAAA"},
               {.id = "4", .data = "{}"},
               {.id = "5", .data = "{\"version\":"}})
          .value();
  ASSERT_EQ(outcomes.size(), 5U);
  EXPECT_EQ(outcomes[0].error_code, "");
  EXPECT_EQ(outcomes[1].error_code, "");
  EXPECT_NE(outcomes[0].event_id, outcomes[1].event_id);
  EXPECT_EQ(outcomes[2].error_code, "InvalidChecksum");
  EXPECT_EQ(outcomes[3].error_code, "FieldNotFound");
  EXPECT_EQ(outcomes[4].error_code, "InvalidEventData");
  const auto records = spooled();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0],
            R"({"eventVersion":"1.0","eventCategory":"ActivityAuditLog","eventType":"ActivityLog",)"
            R"("eventID":")" +
                outcomes[0].event_id +
                R"(","eventTime":"2026-03-20T09:46:40Z","awsRegion":"eu-west-1",)"
                R"("recipientAccountId":"111122223333","metadata":{"ingestionTime":)"
                R"("2026-03-20T09:46:40Z","channelARN":")" +
                channel.arn() + R"(","eventDataStores":[")" + store.arn() + R"("]},"eventData":)" +
                event_data() + "}");
  // The same event again, an answer having been lost, is the same event.
  const auto again =
      recording_->put_audit_events(scope_, channel.arn(), "", {{.id = "1", .data = event_data()}});
  EXPECT_EQ(again.value()[0].event_id, outcomes[0].event_id);
  EXPECT_EQ(recording_->channel_status(channel.id).success_event, outcomes[0].event_id);
}

TEST_F(RecordingTest, RemembersStatusesOfChannels) {
  const auto channel = make_channel("c", make_store("activity", "ActivityAuditLog"));
  const auto other = make_channel("other", make_store("activity2", "ActivityAuditLog"));
  const auto put = [&](const Channel& to, const std::string& data) {
    return recording_->put_audit_events(scope_, to.arn(), "", {{.id = "1", .data = data}})
        .value()[0]
        .event_id;
  };
  const auto taken = put(channel, event_data());
  clock_.now += 1'000'000;
  put(channel, "{}");
  const auto before = recording_->channel_status(channel.id);
  EXPECT_EQ(before.success_event, taken);
  EXPECT_EQ(before.success_us + 1'000'000, before.attempt_us);
  EXPECT_NE(before.error_code, "");
  ASSERT_TRUE(recording_->write_statuses().ok());
  put(other, event_data());
  open();  // the other's was not written
  const auto after = recording_->channel_status(channel.id);
  EXPECT_EQ(after.attempt_us, before.attempt_us);
  EXPECT_EQ(after.success_us, before.success_us);
  EXPECT_EQ(after.success_event, taken);
  EXPECT_EQ(after.error_code, before.error_code);
  EXPECT_EQ(recording_->channel_status(other.id).attempt_us, 0);
  put(channel, event_data());
  ASSERT_TRUE(recording_->delete_channel(scope_, channel.id).ok());
  ASSERT_TRUE(recording_->write_statuses().ok());
  EXPECT_TRUE(state_->query("SELECT id FROM channel_statuses", {}).value().empty());
}

TEST_F(RecordingTest, RefusesRequestsAsAWhole) {
  const auto channel = make_channel("c", make_store("activity", "ActivityAuditLog"));
  const auto put = [&](const std::string& arn, std::vector<AuditEvent> events) {
    return code(recording_->put_audit_events(scope_, arn, "", events));
  };
  EXPECT_EQ(put("arn:x", {}), "InvalidChannelARN");
  EXPECT_EQ(put("arn:aws:cloudtrail:eu-west-1:111122223333:channel/"
                "00000000-0000-4000-8000-000000000000",
                {}),
            "ChannelNotFound");
  EXPECT_EQ(put(channel.arn(), {{.id = "1", .data = "{}"}, {.id = "1", .data = "{}"}}),
            "DuplicatedAuditEventId");
  EXPECT_EQ(put(channel.arn(), {{.id = "1", .data = std::string(kAuditBytesMax + 1, ' ')}}),
            "ValidationException");
  EXPECT_EQ(code(recording_->put_audit_events({"444455556666", "eu-west-1"}, channel.arn(), "",
                                              {{.id = "1", .data = event_data()}})),
            "ChannelInsufficientPermission");
  EXPECT_TRUE(spooled().empty());
}

TEST_F(RecordingTest, TakesRecordsInAnyForm) {
  const std::string record =
      R"({"eventVersion":"1.08","eventTime":"2026-03-20T09:46:40Z","eventSource":"s3.amazonaws.com",)"
      R"("eventName":"ListBuckets","awsRegion":"eu-west-1","eventID":"e1",)"
      R"("recipientAccountId":"111122223333"})";
  const std::string nameless =
      R"({"eventVersion":"1.08","eventTime":"2026-03-20T09:46:40Z","eventSource":"s3.amazonaws.com",)"
      R"("eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"})";
  const auto bridge =
      R"({"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.s3",)"
      R"("account":"111122223333","time":"2026-03-20T09:46:40Z","region":"eu-west-1",)"
      R"("resources":[],"detail":)" +
      record + "}";
  const std::string log_file = "{\"Records\":[\n" + record + ",\n" + nameless + "\n]}";
  const auto outcomes =
      recording_->put_records({record, bridge, log_file, "nonsense", "", "{\"a\":1}"}, {}).value();
  EXPECT_EQ(outcomes[0], "");
  EXPECT_EQ(outcomes[1], "");
  EXPECT_EQ(outcomes[2], "");
  EXPECT_NE(outcomes[3], "");
  EXPECT_EQ(outcomes[4], "");
  EXPECT_NE(outcomes[5], "");
  const auto records = spooled();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0], record);
  EXPECT_EQ(records[1], record);
  EXPECT_EQ(records[3].substr(0, 12), R"({"eventID":")");
  EXPECT_EQ(records[3].substr(12 + 36 + 1), "," + nameless.substr(1));
  const auto others = recording_->put_records({record}, {"444455556666"}).value();
  EXPECT_EQ(others[0], "it holds events of an account that the key may not write for");
  // A number is the column's text, too.
  const std::string numbered =
      R"({"eventVersion":"1.08","eventTime":"2026-03-20T09:46:40Z","eventName":"A",)"
      R"("eventSource":"a.amazonaws.com","recipientAccountId":111122223333,)"
      R"("userIdentity":{"accountId":"444455556666"}})";
  EXPECT_NE(recording_->put_records({numbered}, {"444455556666"}).value()[0], "");
  EXPECT_EQ(recording_->put_records({numbered}, {"111122223333"}).value()[0], "");
}

}  // namespace
}  // namespace cairn::recording
