// Trails as resources.
#include "trails/trails.h"

#include "trails/testing/world.h"

namespace cairn::trails {
namespace {

using testing::kHome;
using testing::kMinute;
using testing::World;

const Scope kElsewhere{.account = "111122223333", .region = "us-east-1"};
const Scope kStranger{.account = "444455556666", .region = "eu-west-1"};

template <class T>
std::string code(const Result<T>& result) {
  return result.ok() ? "" : std::string(result.error().aws_code());
}

class TrailsTest : public ::testing::Test {
 protected:
  TrailsTest() { world_.options.topics["notices"] = {{.url = "http://127.0.0.1:1/"}}; }

  void SetUp() override { world_.open(); }

  Result<Trail> create(const std::string& name, TrailSettings settings = {},
                       const Scope& scope = kHome) const {
    if (!settings.bucket) settings.bucket = "logs";
    return world_.trails->create(scope, name, settings, {});
  }

  World world_;
};

TEST_F(TrailsTest, areMade) {
  const auto made = create("main", {.prefix = "p",
                                    .topic = "notices",
                                    .multi_region = true,
                                    .validation = true,
                                    .kms_key = "alias/k"});
  ASSERT_TRUE(made.ok()) << made.error().message();
  world_.open();
  const auto read = world_.trails->get(kHome, "main");
  ASSERT_TRUE(read.ok());
  const auto& trail = read.value();
  EXPECT_EQ(trail.arn(), "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
  EXPECT_EQ(trail.topic_arn(), "arn:aws:sns:eu-west-1:111122223333:notices");
  EXPECT_EQ(trail.kms_key, "arn:aws:kms:eu-west-1:111122223333:alias/k");
  EXPECT_TRUE(trail.multi_region && trail.validation && trail.global_events);
  EXPECT_FALSE(trail.logging || trail.custom_selectors || trail.organization);
  EXPECT_EQ(trail.selectors, lang::event_selectors::default_selectors());
  EXPECT_TRUE(world_.keys().empty());  // that it can be written to left nothing
}

TEST_F(TrailsTest, areRefused) {
  EXPECT_EQ(code(create("x")), "InvalidTrailNameException");
  EXPECT_EQ(code(create("abc", {.bucket = "Logs"})), "InvalidS3BucketNameException");
  EXPECT_EQ(create("abc", {.bucket = "none"}).error().message(), "S3 bucket none does not exist!");
  EXPECT_EQ(code(create("abc", {.bucket = "none"})), "S3BucketDoesNotExistException");
  EXPECT_EQ(code(create("abc", {.prefix = "/p"})), "InvalidS3PrefixException");
  EXPECT_EQ(code(create("abc", {.topic = "a b"})), "InvalidSnsTopicNameException");
  EXPECT_EQ(code(create("abc", {.topic = "other"})), "InsufficientSnsTopicPolicyException");
  EXPECT_EQ(code(create("abc", {.kms_key = "?"})), "InvalidKmsKeyIdException");
  EXPECT_EQ(code(create("abc", {.log_group_arn = "arn"})), "InvalidCloudWatchLogsRoleArnException");
  EXPECT_EQ(code(create("abc", {.log_role_arn = "arn"})), "InvalidParameterCombinationException");
  EXPECT_EQ(code(create("abc", {.global_events = false, .multi_region = true})),
            "InvalidParameterCombinationException");
  EXPECT_EQ(code(create("abc", {.organization = true})), "OrganizationsNotInUseException");
  (void)world_.bucket("logs");
  world_.buckets["logs"]->refusal = Error{ErrorKind::permission_denied, "no"};
  EXPECT_EQ(code(create("abc")), "InsufficientS3BucketPolicyException");
  EXPECT_TRUE(world_.trails->list(kHome).value().empty());
}

TEST_F(TrailsTest, haveNamesAndAQuota) {
  for (const auto* name : {"t-1", "t-2", "t-3", "t-4"}) ASSERT_TRUE(create(name).ok());
  EXPECT_EQ(create("t-1").error().message(), "Trail t-1 already exists for customer: 111122223333");
  EXPECT_EQ(code(create("t-1")), "TrailAlreadyExistsException");
  // One of another Region counts here when it covers this one.
  ASSERT_TRUE(create("t-1", {.multi_region = true}, kElsewhere).ok());
  EXPECT_EQ(create("t-5").error().message(),
            "User: 111122223333 already has 5 trails in eu-west-1.");
  EXPECT_EQ(code(create("t-5")), "MaximumNumberOfTrailsExceededException");
  EXPECT_TRUE(create("t-5", {}, kStranger).ok());
  ASSERT_TRUE(world_.trails->remove(kHome, "t-2").ok());
  EXPECT_TRUE(create("t-2").ok());
}

TEST_F(TrailsTest, areFound) {
  ASSERT_TRUE(create("one").ok());
  const auto two = create("two", {.multi_region = true});
  ASSERT_TRUE(two.ok());
  const auto arn = two.value().arn();
  auto& trails = *world_.trails;
  EXPECT_EQ(trails.get(kElsewhere, "two").error().message(),
            "Unknown trail: arn:aws:cloudtrail:us-east-1:111122223333:trail/two for the user: "
            "111122223333");
  EXPECT_TRUE(trails.get(kElsewhere, arn).ok());
  EXPECT_EQ(code(trails.get(kStranger, arn)), "TrailNotFoundException");
  EXPECT_EQ(code(trails.get(kHome, "arn:aws:cloudtrail")), "CloudTrailARNInvalidException");
  const auto count = [&](const Scope& scope, const std::vector<std::string>& names, bool shadows) {
    return trails.describe(scope, names, shadows).value().size();
  };
  EXPECT_EQ(count(kHome, {}, true), 2U);
  EXPECT_EQ(count(kElsewhere, {}, true), 1U);
  EXPECT_EQ(count(kElsewhere, {}, false), 0U);
  EXPECT_EQ(count(kHome, {"one", "none-such"}, true), 1U);
  EXPECT_EQ(count(kElsewhere, {"one", arn}, true), 1U);
  EXPECT_EQ(code(trails.describe(kHome, {"!"}, true)), "InvalidTrailNameException");
  EXPECT_EQ(trails.list(kElsewhere).value().size(), 2U);
  EXPECT_TRUE(trails.list(kStranger).value().empty());
}

TEST_F(TrailsTest, areChangedAtHome) {
  const auto arn = create("one", {.multi_region = true}).value().arn();
  auto& trails = *world_.trails;
  EXPECT_EQ(code(trails.update(kElsewhere, arn, {})), "InvalidHomeRegionException");
  EXPECT_EQ(code(trails.start_logging(kElsewhere, arn)), "InvalidHomeRegionException");
  EXPECT_EQ(code(trails.remove(kElsewhere, arn)), "InvalidHomeRegionException");
  EXPECT_EQ(code(trails.put_selectors(kElsewhere, arn, {})), "InvalidHomeRegionException");
  EXPECT_EQ(code(trails.remove(kHome, "none")), "TrailNotFoundException");
  const auto updated = trails.update(kHome, "one", {.prefix = "q", .topic = "notices"});
  ASSERT_TRUE(updated.ok());
  EXPECT_TRUE(updated.value().multi_region);
  EXPECT_EQ(updated.value().bucket, "logs");
  EXPECT_EQ(trails.get(kHome, "one").value().prefix, "q");
  // An empty text takes a setting away.
  EXPECT_EQ(trails.update(kHome, "one", {.topic = ""}).value().topic, "");
  EXPECT_EQ(code(trails.update(kHome, "one", {.global_events = false})),
            "InvalidParameterCombinationException");
}

TEST_F(TrailsTest, tellOfLogging) {
  ASSERT_TRUE(create("one").ok());
  auto& trails = *world_.trails;
  auto status = trails.status(kHome, "one");
  ASSERT_TRUE(status.ok());
  EXPECT_FALSE(status.value().logging);
  EXPECT_EQ(status.value().started_us, 0);
  ASSERT_TRUE(trails.start_logging(kHome, "one").ok());
  const auto started = world_.time.now_us();
  world_.time.wait_us(kMinute);
  ASSERT_TRUE(trails.start_logging(kHome, "one").ok());  // again: nothing changes
  status = trails.status(kHome, "one");
  EXPECT_TRUE(status.value().logging);
  EXPECT_EQ(status.value().started_us, started);
  EXPECT_EQ(status.value().stopped_us, 0);
  ASSERT_TRUE(trails.stop_logging(kHome, "one").ok());
  status = trails.status(kHome, "one");
  EXPECT_FALSE(status.value().logging);
  EXPECT_EQ(status.value().started_us, started);
  EXPECT_EQ(status.value().stopped_us, world_.time.now_us());
}

TEST_F(TrailsTest, haveSelectors) {
  ASSERT_TRUE(create("one").ok());
  auto& trails = *world_.trails;
  lang::event_selectors::Selectors selectors;
  selectors.advanced = {{.name = "n", .fields = {{.field = "eventCategory", .equals = {"Data"}}}}};
  EXPECT_EQ(code(trails.put_selectors(kHome, "one", selectors)), "InvalidEventSelectorsException");
  selectors.advanced.front().fields.push_back(
      {.field = "resources.type", .equals = {"AWS::S3::Object"}});
  ASSERT_TRUE(trails.put_selectors(kHome, "one", selectors).ok());
  const auto trail = trails.get(kHome, "one").value();
  EXPECT_EQ(trail.selectors, selectors);
  EXPECT_TRUE(trail.custom_selectors);
  // The call rate is that of write management events.
  EXPECT_EQ(code(trails.put_insights(kHome, "one", {{.type = InsightType::call_rate}})),
            "InvalidInsightSelectorsException");
  ASSERT_TRUE(trails.put_insights(kHome, "one", {{.type = InsightType::error_rate}}).ok());
  EXPECT_EQ(trails.get(kHome, "one").value().insights.size(), 1U);
  EXPECT_EQ(
      code(trails.put_insights(
          kHome, "one", {{.type = InsightType::error_rate}, {.type = InsightType::error_rate}})),
      "InvalidInsightSelectorsException");
  ASSERT_TRUE(trails.put_selectors(kHome, "one", lang::event_selectors::default_selectors()).ok());
  EXPECT_FALSE(trails.get(kHome, "one").value().custom_selectors);
  ASSERT_TRUE(trails.put_aggregations(kHome, "one", {{{"API_ACTIVITY"}, "Data"}}).ok());
  EXPECT_EQ(trails.get(kHome, "one").value().aggregations.size(), 1U);
}

TEST_F(TrailsTest, haveTags) {
  const auto arn = create("one").value().arn();
  auto& trails = *world_.trails;
  ASSERT_TRUE(trails.add_tags(arn, {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(trails.remove_tags(arn, {{"a", ""}}).ok());
  EXPECT_EQ(trails.tags_of(arn).value(), (aws::Tags{{"b", "2"}}));
  EXPECT_EQ(code(trails.add_tags(arn, {{"", "1"}})), "InvalidTagParameterException");
  EXPECT_EQ(code(trails.tags_of(arn + "x")), "ResourceNotFoundException");
  EXPECT_EQ(code(trails.tags_of("one")), "CloudTrailARNInvalidException");
}

TEST_F(TrailsTest, ofAnOrganization) {
  world_.options.organization_id = "o-abcdefgh";
  world_.options.management_account = kHome.account;
  world_.open();
  EXPECT_EQ(code(create("org", {.organization = true}, kStranger)),
            "NotOrganizationMasterAccountException");
  const auto made = create("org", {.organization = true});
  ASSERT_TRUE(made.ok());
  auto& trails = *world_.trails;
  const auto seen = trails.describe(kStranger, {}, true);
  ASSERT_EQ(seen.value().size(), 1U);
  EXPECT_EQ(seen.value().front().account, kHome.account);
  EXPECT_EQ(code(trails.stop_logging(kStranger, made.value().arn())),
            "NotOrganizationMasterAccountException");
}

TEST_F(TrailsTest, haveKeysOfEachRegion) {
  auto& trails = *world_.trails;
  const auto now = world_.time.now_us();
  const auto keys = trails.public_keys("eu-west-1", now, now);
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys.value().size(), 1U);
  EXPECT_EQ(keys.value().front().der.size(), 270U);
  EXPECT_EQ(keys.value().front().fingerprint.size(), 32U);
  EXPECT_NE(trails.public_keys("us-east-1", now, now).value().front().fingerprint,
            keys.value().front().fingerprint);
  EXPECT_TRUE(trails.public_keys("eu-west-1", 0, now - 365 * 24 * testing::kHour).value().empty());
  EXPECT_FALSE(trails.public_keys("No where", now, now).ok());
}

}  // namespace
}  // namespace cairn::trails
