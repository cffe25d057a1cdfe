#include "lang/athena/allow_list.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::lang::athena {
namespace {

/// `SELECT` of one expression, in the engine's form.
Json select_of(Json expression) {
  std::vector<Json> list;
  list.push_back(std::move(expression));
  Json node = select_from_function(std::move(list), "unnest");
  Json tree{{"error", false}, {"statements", Json::array()}};
  tree["statements"].push_back(Json{{"node", std::move(node)}, {"named_param_map", Json::array()}});
  return tree;
}

std::string fault_of(const Json& tree) {
  const auto fault = check_allowed(tree, {});
  return fault ? fault->message : "";
}

TEST(AllowList, FunctionsByName) {
  for (const auto* name : {"lower", "count", "+", "||", "json_extract_string", "yearweek", "!~~"})
    EXPECT_TRUE(is_allowed_function(name)) << name;
  for (const auto* name : {"", " ", "lower ", "count sum", "read_csv", "getenv", "levenshtein",
                           "sin cos", "athena_ip", "cairn_record", "read_cloudtrail"})
    EXPECT_FALSE(is_allowed_function(name)) << name;
}

TEST(AllowList, TakesWhatItKnows) {
  EXPECT_EQ(fault_of(select_of(constant("x"))), "");
  EXPECT_EQ(fault_of(select_of(call("lower", {}))), "");
  EXPECT_EQ(fault_of(select_of(cast(constant("1"), "INTEGER"))), "");
}

TEST(AllowList, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(fault_of(select_of(call("getenv", {}))), "the function 'getenv' is not available here");
  EXPECT_EQ(fault_of(select_of(cast(constant("1"), "AGGREGATE_STATE"))),
            "the type AGGREGATE_STATE is not available here");
  EXPECT_EQ(fault_of(select_of(Json{{"class", "BOUND_REF"}, {"type", "BOUND_REF"}})),
            "this kind of expression (BOUND_REF) is not available here");
  EXPECT_EQ(fault_of(select_of(Json{{"class", 7}})),
            "this kind of expression () is not available here");
  Json tree = select_of(constant("x"));
  tree["statements"][0]["node"]["from_table"]["type"] = "COLUMN_DATA";
  EXPECT_EQ(fault_of(tree), "this part of a query (COLUMN_DATA) is not available here");
  tree = select_of(constant("x"));
  tree["statements"][0]["node"]["from_table"]["function"]["function_name"] = "read_text";
  EXPECT_EQ(fault_of(tree), "the table function 'read_text' is not available here");
}

// Where the engine's next version puts an expression, it is found.
TEST(AllowList, LooksAtMembersThatItDoesNotKnow) {
  Json tree = select_of(constant("x"));
  tree["statements"][0]["node"]["some_new_clause"] = Json::array({call("getenv", {})});
  EXPECT_NE(fault_of(tree), "");
  tree = select_of(constant("x"));
  tree["statements"][0]["node"]["select_list"][0] = call("lower", {});
  tree["statements"][0]["node"]["select_list"][0]["new_member"] =
      Json{{"deep", call("getenv", {})}};
  EXPECT_NE(fault_of(tree), "");
}

TEST(AllowList, DepthHasAnEnd) {
  Json deep = constant("x");
  for (int i = 0; i < kTreeDepthMax; ++i) {
    std::vector<Json> inner;
    inner.push_back(std::move(deep));
    deep = call("lower", std::move(inner));
  }
  EXPECT_EQ(fault_of(select_of(std::move(deep))), "the statement is nested too deeply");
  EXPECT_FALSE(check_brackets("SELECT ((1)), '((((', \"((((\" -- ((((").has_value());
  EXPECT_FALSE(check_brackets(std::string(kBracketDepthMax, '(')).has_value());
  EXPECT_TRUE(check_brackets(std::string(kBracketDepthMax + 1, '[')).has_value());
}

TEST(AllowList, TablesThatAreLeftComeFromWith) {
  Json tree = select_of(constant("x"));
  tree["statements"][0]["node"]["from_table"] =
      Json{{"type", "BASE_TABLE"}, {"table_name", "t"}, {"schema_name", ""}, {"catalog_name", ""}};
  EXPECT_TRUE(check_rewritten(tree).has_value());
  tree["statements"][0]["node"]["cte_map"]["map"].push_back(Json{{"key", "T"}, {"value", Json()}});
  EXPECT_FALSE(check_rewritten(tree).has_value());
  tree["statements"][0]["node"]["from_table"]["schema_name"] = "main";
  EXPECT_TRUE(check_rewritten(tree).has_value());
}

}  // namespace
}  // namespace cairn::lang::athena
