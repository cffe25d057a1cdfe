#include "lang/predicate.h"

#include "base/json_scan.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang {
namespace {

bool matches(const Predicate& predicate, std::string_view record) {
  model::FieldPlan plan;
  const PredicateMatcher matcher(predicate, plan);
  const auto text = json::padded_copy(record);
  std::vector<std::string_view> slots(plan.slots());
  const auto scan =
      model::scan_object(text.data(), text.data() + record.size(), plan, slots.data());
  EXPECT_EQ(scan.scan.fault, json::Fault::none) << record;
  return matcher.matches(
      {.json = std::string_view(text).substr(0, record.size()), .slots = slots.data()});
}

TEST(Predicate, readsPaths) {
  EXPECT_EQ(field_path("userIdentity.arn"), (FieldPath{{"userIdentity"}, {"arn"}}));
  EXPECT_EQ(field_path("resources[].ARN"), (FieldPath{{"resources", true}, {"ARN"}}));
}

TEST(Predicate, comparesTexts) {
  const auto name = R"({"eventName":"Get\u0041cl"})";
  EXPECT_TRUE(matches(equals("eventName", {"x", "GetAcl"}), name));
  EXPECT_FALSE(matches(equals("eventName", {"getacl"}), name));
  EXPECT_TRUE(matches(starts_with("eventName", {"Put", "Get"}), name));
  EXPECT_FALSE(matches(starts_with("eventName", {"GetAclX"}), name));
  EXPECT_TRUE(matches(ends_with("eventName", {"cl"}), name));
  EXPECT_FALSE(matches(ends_with("eventName", {"c"}), name));
  EXPECT_FALSE(matches(equals("eventName", {}), name));
}

TEST(Predicate, knowsWhatIsAText) {
  EXPECT_TRUE(matches(equals("readOnly", {"true"}), R"({"readOnly":true})"));
  EXPECT_TRUE(matches(equals("readOnly", {"true"}), R"({"readOnly":"true"})"));
  EXPECT_TRUE(
      matches(equals("requestParameters.n", {"1.50"}), R"({"requestParameters":{"n":1.50}})"));
  for (const auto* record :
       {R"({"x":1})", R"({"eventName":null})", R"({"eventName":{}})", R"({"eventName":["a"]})"}) {
    SCOPED_TRACE(record);
    EXPECT_FALSE(matches(exists("eventName"), record));
    EXPECT_TRUE(matches(negation_of(equals("eventName", {"a"})), record));
  }
  EXPECT_TRUE(matches(exists("eventName"), R"({"eventName":""})"));
}

TEST(Predicate, followsPaths) {
  const auto record = R"({"userIdentity":{"arn":"a:b"},"other":{"deep":{"x":"y"}},)"
                      R"("resources":[7,{"type":"T"},{"ARN":"arn:1"},{"ARN":null}]})";
  EXPECT_TRUE(matches(equals("userIdentity.arn", {"a:b"}), record));
  EXPECT_FALSE(matches(equals("userIdentity.arn.more", {"a:b"}), record));
  EXPECT_TRUE(matches(equals("other.deep.x", {"y"}), record));  // no known field
  EXPECT_TRUE(matches(equals("resources[].ARN", {"arn:1"}), record));
  EXPECT_FALSE(matches(equals("resources.ARN", {"arn:1"}), record));
  EXPECT_TRUE(matches(equals("resources[]", {"7"}), record));
  EXPECT_FALSE(matches(exists("userIdentity[].arn"), record));
}

TEST(Predicate, joins) {
  const auto yes = equals("eventName", {"a"});
  const auto no = equals("eventName", {"b"});
  const auto record = R"({"eventName":"a"})";
  EXPECT_TRUE(matches(all_of({}), record));
  EXPECT_FALSE(matches(any_of({}), record));
  EXPECT_TRUE(matches(all_of({yes, any_of({no, yes}), negation_of(no)}), record));
  EXPECT_FALSE(matches(all_of({yes, any_of({no, all_of({yes, no})})}), record));
  EXPECT_EQ(all_of({yes}), yes);
}

TEST(Predicate, sharesAScan) {
  model::FieldPlan plan;
  const PredicateMatcher first(equals("eventName", {"a"}), plan);
  const PredicateMatcher second(equals("awsRegion", {"r"}), plan);
  const std::string_view record = R"({"awsRegion":"r","eventName":"b"})";
  const auto text = json::padded_copy(record);
  std::vector<std::string_view> slots(plan.slots());
  model::scan_object(text.data(), text.data() + record.size(), plan, slots.data());
  const RecordView view{.json = record, .slots = slots.data()};
  EXPECT_FALSE(first.matches(view));
  EXPECT_TRUE(second.matches(view));
}

TEST(Predicate, becomesSql) {
  EXPECT_EQ(to_sql(equals("userIdentity.arn", {"it's"})),
            "coalesce(userIdentity.arn IN ('it''s'), false)");
  EXPECT_EQ(to_sql(negation_of(equals("readOnly", {"true"}))),
            "(NOT coalesce(CAST(readOnly AS VARCHAR) IN ('true'), false))");
  EXPECT_EQ(to_sql(all_of({starts_with("eventName", {"a", "b"}), any_of({})})),
            "(coalesce((starts_with(eventName, 'a') OR starts_with(eventName, 'b')), false) AND "
            "false)");
  EXPECT_EQ(to_sql(equals("resources[].ARN", {"x"})),
            "coalesce(len(list_filter(json_extract_path(resources, '$[*]'), lambda e1: "
            "coalesce(json_type(json_extract_path(e1, '/ARN')) NOT IN ('OBJECT', 'ARRAY', 'NULL') "
            "AND json_extract_path_text(json_extract_path(e1, '/ARN'), '$') IN ('x'), false))) > "
            "0, false)");
  EXPECT_EQ(to_sql(equals("unheard.a/b~c", {"x"})),
            "coalesce(coalesce(json_type(json_extract_path(eventJson, '/unheard/a~1b~0c')) NOT IN "
            "('OBJECT', 'ARRAY', 'NULL') AND json_extract_path_text(json_extract_path(eventJson, "
            "'/unheard/a~1b~0c'), '$') IN ('x'), false), false)");
}

}  // namespace
}  // namespace cairn::lang
