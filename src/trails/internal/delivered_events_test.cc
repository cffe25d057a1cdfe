#include "trails/internal/delivered_events.h"

#include "base/check.h"
#include "io/testing/fakes.h"
#include "trails/internal/trail_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace cairn::trails {
namespace {

namespace fs = std::filesystem;

class DeliveredEventsTest : public ::testing::Test {
 protected:
  DeliveredEventsTest()
      : path_(fs::temp_directory_path() / fmt::format("cairn_delivered_{}.db", getpid())) {
    remove();
    auto opened = store::StateDatabase::open(path_.string(), true);
    CAIRN_CHECK(opened.ok());
    state_ = std::move(opened).value();
    TrailTable table(*state_);
    EXPECT_TRUE(table.prepare().ok());
    for (auto* trail : {&first_, &second_}) {
      trail->account = "111122223333";
      trail->region = "eu-west-1";
      trail->name = trail == &first_ ? "one" : "two";
      EXPECT_TRUE(table.insert(*trail, 1).ok());
    }
  }

  ~DeliveredEventsTest() override { remove(); }

  void remove() const {
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(path_.string() + end);
  }

  std::unique_ptr<DeliveredEvents> open(DeliveredEventsLimits limits = {}) {
    auto events = std::make_unique<DeliveredEvents>(*state_, random_, limits);
    EXPECT_TRUE(events->prepare().ok());
    return events;
  }

  static EventFacts facts(std::string_view id) {
    return {.account = "111122223333", .region = "eu-west-1", .event_id = id};
  }

  /// Which of the events of a batch are new.
  static std::string batch(DeliveredEvents& events, int64_t trail, std::string_view ids,
                           int64_t now_us = 1, bool commits = true) {
    EXPECT_TRUE(events.begin(trail).ok());
    std::string taken;
    for (const char& id : ids)
      if (events.take(facts({&id, 1}))) taken += id;
    if (!commits) return taken;
    EXPECT_TRUE(events.write(now_us).ok());
    events.committed();
    return taken;
  }

  int64_t rows() {
    return state_->query("SELECT count(*) FROM trail_delivered", {}).value().front().number(0);
  }

  fs::path path_;
  std::unique_ptr<store::StateDatabase> state_;
  io::testing::FakeRandom random_;
  Trail first_;
  Trail second_;
};

TEST_F(DeliveredEventsTest, KnowsWhatATrailDelivered) {
  auto events = open();
  EXPECT_EQ(batch(*events, first_.id, "abca"), "abc");
  EXPECT_EQ(batch(*events, first_.id, "cdba"), "d");
  EXPECT_EQ(batch(*events, second_.id, "ab"), "ab") << "another trail has its own";
  events = open();
  EXPECT_EQ(batch(*events, first_.id, "adx"), "x") << "after a restart";
}

TEST_F(DeliveredEventsTest, ForgetsABatchThatWasNotCommitted) {
  auto events = open();
  EXPECT_EQ(batch(*events, first_.id, "abc", 1, false), "abc");
  EXPECT_EQ(batch(*events, first_.id, "abc"), "abc");
  EXPECT_EQ(batch(*events, first_.id, "abc"), "");
}

TEST_F(DeliveredEventsTest, TellsEventsApartByAccountRegionIdAndInsightState) {
  auto events = open();
  ASSERT_TRUE(events->begin(first_.id).ok());
  auto one = facts("x");
  EXPECT_TRUE(events->take(one));
  one.account = "444455556666";
  EXPECT_TRUE(events->take(one));
  one.region = "us-east-1";
  EXPECT_TRUE(events->take(one));
  one.insight_state = "Start";
  EXPECT_TRUE(events->take(one));
  EXPECT_FALSE(events->take(one));
  EXPECT_TRUE(events->take(facts("")));
  EXPECT_TRUE(events->take(facts(""))) << "without an id each is new";
}

TEST_F(DeliveredEventsTest, RowsEndWithTheirTime) {
  auto events = open({.kept_us = 100});
  batch(*events, first_.id, "a", 1'000);
  batch(*events, first_.id, "b", 1'050);
  EXPECT_EQ(rows(), 2);
  batch(*events, first_.id, "c", 1'101);
  EXPECT_EQ(rows(), 2);
  events = open({.kept_us = 100});
  EXPECT_EQ(batch(*events, first_.id, "abc", 1'102), "a");
}

TEST_F(DeliveredEventsTest, HoldsALimitedNumberOfEvents) {
  auto events = open({.events_max = 40});
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(events->begin(first_.id).ok());
    for (int j = 0; j < 10; ++j) EXPECT_TRUE(events->take(facts(fmt::format("{}-{}", i, j))));
    ASSERT_TRUE(events->write(i).ok());
    events->committed();
    EXPECT_LE(rows(), 5) << i;
  }
  ASSERT_TRUE(events->begin(first_.id).ok());
  EXPECT_FALSE(events->take(facts("29-0"))) << "the newest are known";
  EXPECT_TRUE(events->take(facts("0-0"))) << "the oldest are not";
}

TEST_F(DeliveredEventsTest, LetsGoOfTheMemoryOfTrailsThatAreGone) {
  auto events = open();
  batch(*events, first_.id, "a");
  events->keep_only({});
  EXPECT_EQ(batch(*events, first_.id, "ab"), "b") << "the rows are still there";
}

TEST_F(DeliveredEventsTest, ADamagedRowIsAnError) {
  auto events = open();
  batch(*events, first_.id, "a");
  ASSERT_TRUE(state_->execute("UPDATE trail_delivered SET keys = 'AAAA'", {}).ok());
  EXPECT_EQ(open()->begin(first_.id).error().kind(), ErrorKind::corrupt);
}

TEST(EventKeySet, HoldsWhatWasInserted) {
  EventKeySet keys;
  std::set<uint64_t> oracle;
  io::testing::FakeRandom random;
  for (int i = 0; i < 20'000; ++i) {
    const auto key = random.next() % 15'000 + 1;
    EXPECT_EQ(keys.insert(key), oracle.insert(key).second);
  }
  EXPECT_EQ(keys.size(), oracle.size());
  for (uint64_t key = 1; key <= 15'000; ++key) EXPECT_EQ(keys.contains(key), oracle.contains(key));
}

}  // namespace
}  // namespace cairn::trails
