#include "base/json_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <simdjson.h>

namespace cairn::json {
namespace {

Scan scan_text(const std::string& padded, size_t size) {
  const char* begin = skip_space(padded.data());
  return scan_value(begin, padded.data() + size);
}

// A whole text is valid if one value and nothing but blanks stands in it.
bool valid(std::string_view text) {
  const auto padded = padded_copy(text);
  // A number at the end of the text is complete only if something follows, as in any document.
  const auto with_end = padded_copy(std::string(text) + "\n");
  const auto scan = scan_text(with_end, text.size() + 1);
  if (scan.fault != Fault::none) return false;
  return static_cast<size_t>(skip_space(scan.at) - with_end.data()) >= text.size();
}

TEST(JsonScan, accepts_and_refuses_by_the_grammar) {
  for (const auto* good :
       {"{}", "[]", "[1,2]", R"({"a":{"b":[true,false,null]}})", "1e400", "-0.5E+3", R"("\ud800")",
        R"("\u0000")", "[[[]]]", " {\"a\" : 1 } ", R"(["é"])", "9007199254740993123"}) {
    SCOPED_TRACE(good);
    EXPECT_TRUE(valid(good));
  }
  for (const auto* bad :
       {"",        "{",           "[1,]",    "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]",
        "01",      "1.",          ".5",      "NaN",        "Infinity",  "tru",   "\"a\nb\"",
        R"("\x")", R"("\u12g4")", "/* */ 1", "{\"a\":1}}", "[}",        "{]",    "\"abc",
        "nul",     "+1",          "1e",      "--1"}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(valid(bad));
  }
}

TEST(JsonScan, depth_is_limited_not_the_stack) {
  EXPECT_TRUE(valid(std::string(8000, '[') + std::string(8000, ']')));
  EXPECT_FALSE(valid(std::string(100000, '[') + std::string(100000, ']')));
}

TEST(JsonScan, every_cut_of_a_value_is_incomplete) {
  const std::string text = R"({"a":"\u00e9x","b":[1.5e3,true,null,{"c":{}}],"d":"é"})";
  for (size_t size = 0; size < text.size(); ++size) {
    SCOPED_TRACE(size);
    const auto padded = padded_copy(std::string_view(text).substr(0, size));
    EXPECT_EQ(scan_text(padded, size).fault, Fault::incomplete);
  }
}

TEST(JsonScan, members_and_strings) {
  const auto padded =
      padded_copy(R"({"a":1,"b":"x\ty\u0041\ud83d\ude00\ud800!","a":{"c":[1, 2]}})");
  const std::string_view object(padded.data(), padded.size() - kJsonPadding);
  EXPECT_EQ(find_member(object, "a"), R"({"c":[1, 2]})");
  EXPECT_EQ(find_member(object, "z"), "");
  std::string scratch;
  EXPECT_EQ(string_content(find_member(object, "b"), scratch),
            "x\tyA\xF0\x9F\x98\x80\xEF\xBF\xBD!");
}

// simdjson is the oracle: whatever it parses we accept, and what it refuses we refuse, but for what
// is meant to differ (numbers beyond a double, lone surrogates, depth; it demands valid UTF-8).
TEST(JsonScan, agrees_with_simdjson_on_mutated_documents) {
  EXPECT_TRUE(rc::check([] {
    std::string text =
        R"({"Records":[{"a":"b\n","n":[1,-2.5,3e7],"t":true,"o":{},"e":[],"z":null,"s":"\u0041"}]})";
    const auto mutations = *rc::gen::inRange(1, 4);
    for (int i = 0; i < mutations; ++i) {
      const auto at = *rc::gen::inRange<size_t>(0, text.size());
      const std::string pool = "{}[],:\"\\ 01.eE-+tfnua\n\x01";
      const auto byte = *rc::gen::elementOf(pool);
      if (*rc::gen::arbitrary<bool>()) {
        text[at] = byte;
      } else {
        text.erase(at, 1);
      }
    }
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    const auto error = parser.parse(text).get(element);
    if (error != simdjson::NUMBER_ERROR) RC_ASSERT(valid(text) == (error == simdjson::SUCCESS));
  }));
}

}  // namespace
}  // namespace cairn::json
