#include "base/json_names.h"

#include "base/json_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::json {
namespace {

bool looks_odd(std::string_view text) {
  const auto padded = padded_copy(text);
  return scan_value_and_names(skip_space(padded.data()), padded.data() + text.size() + 1).odd_names;
}

void expect_plain(std::string_view text, std::string_view want) {
  SCOPED_TRACE(text);
  const auto found = plain_names(text);
  EXPECT_EQ(found.text, want);
  EXPECT_EQ(found.repeated, "");
  EXPECT_TRUE(want.empty() || looks_odd(text)) << "the cheap look must not miss it";
}

void expect_repeated(std::string_view text, std::string_view name, bool outermost) {
  SCOPED_TRACE(text);
  const auto found = plain_names(text);
  EXPECT_EQ(found.repeated, name);
  EXPECT_EQ(found.outermost_repeats, outermost);
  EXPECT_TRUE(looks_odd(text)) << "the cheap look must not miss it";
  EXPECT_EQ(repeated_name(text), name);
}

TEST(JsonNames, UndoesNeedlessEscapes) {
  expect_plain(R"({"recipientAccount\u0049d":"1","a":{"\u0062c":[{"\u0064":2}]}})",
               R"({"recipientAccountId":"1","a":{"bc":[{"d":2}]}})");
  expect_plain(R"( { "\u0061" : "\u0061" , "b" : 1 } )", R"( { "a" : "\u0061" , "b" : 1 } )");
  expect_plain(R"({"x-amz\u002did":1,"aws\u003asource":2})", R"({"x-amz-id":1,"aws:source":2})");
}

TEST(JsonNames, LeavesOtherTextsAlone) {
  for (const auto* text :
       {R"({})", R"([])", R"("\u0061")", R"(1)", R"({"a":"{\"\\u0061\":1,\"a\":2}"})",
        R"({"a\"b":1,"c\\d":2})", R"({"\u00e9":1,"a\/b":2,"\u003c":3})", R"(["\u0061","a"])",
        R"([{"a":1},{"a":2}])", R"({"a":{"a":{"a":1}},"b":{"a":2}})", R"({"a":"a","b":"a"})"})
    expect_plain(text, "");
}

TEST(JsonNames, FindsNamesThatAreThereTwice) {
  expect_repeated(R"({"a":1,"a":2})", "a", true);
  expect_repeated(R"({"a":1,"\u0061":2})", "a", true);
  expect_repeated(R"({"\u00e9":1,"é":2})", "é", true);
  expect_repeated(R"({"x":[1,{"userName":1,"b":2,"userName":3}]})", "userName", false);
  expect_repeated(R"({"x":{"b":1,"b":1},"c":1,"c":1})", "c", true);
  expect_repeated(R"({"":1,"":2})", "(an empty name)", true);
  expect_repeated(R"({"recipientAccountId":"1","z":0,"recipientAccountId":"2"})",
                  "recipientAccountId", true);
  expect_repeated(R"({"12345678":1,"12345678":2})", "12345678", true);
  expect_repeated(R"({"1234567":1,"1234567":2})", "1234567", true);
}

TEST(JsonNames, ManyNamesAndDepthsAreLookedAtExactly) {
  std::string many = "{";
  for (int i = 0; i < 1'000; ++i) many += '"' + std::to_string(i) + "\":1,";
  EXPECT_EQ(repeated_name(many + "\"x\":1}"), std::nullopt);
  EXPECT_EQ(repeated_name(many + "\"7\":1}"), "7");
  std::string deep;
  for (int i = 0; i < 1'000; ++i) deep += "{\"a\":";
  deep += R"({"b":1,"b":2})" + std::string(1'000, '}');
  EXPECT_EQ(repeated_name(deep), "b");
  deep.replace(deep.find("\"b\":2"), 5, "\"c\":2");
  EXPECT_EQ(repeated_name(deep), std::nullopt);
}

TEST(JsonNames, NamesThatOnlyLookAlikeAreTwoNames) {
  EXPECT_EQ(repeated_name(R"({"12345678abc12345678":1,"12345678xyz12345678":2})"), std::nullopt);
  EXPECT_FALSE(looks_odd(R"({"ab":1,"ba":2,"a":3,"b":4,"abc":5,"abcdefgh":6,"abcdefghi":7})"));
}

TEST(JsonNames, TextsThatAreNotJsonHaveNone) {
  for (const auto* text : {"", "{", R"({"a":1,"a":2)", R"({"a":1,"a":2}})", "nonsense"})
    EXPECT_EQ(repeated_name(text), std::nullopt) << text;
}

TEST(JsonNames, MembersAreFoundByWhatTheirNamesMean) {
  const auto text = padded_copy(R"({"event\u004eame":"x","b":1})");
  const std::string_view object(text.data(), text.size() - kJsonPadding);
  EXPECT_EQ(find_member(object, "eventName"), R"("x")");
  EXPECT_EQ(find_member(object, "event\\u004eame"), "");
  EXPECT_EQ(find_member(object, "b"), "1");
}

}  // namespace
}  // namespace cairn::json
