#include "render/value_text.h"

#include "engine/database.h"
#include "render/render.h"
#include "render/testing/text_sink.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace cairn::render {
namespace {

using testing::TextSink;

std::string rendered(const std::string& sql, RenderOptions options) {
  Result<engine::Database> database = engine::Database::open({.temp_folder = ""});
  if (!database.ok()) return database.error().message();
  Result<engine::Connection> connection = database.value().connect();
  if (!connection.ok()) return connection.error().message();
  Result<engine::ResultSet> rows = connection.value().query(sql);
  if (!rows.ok()) return rows.error().message();
  TextSink sink;
  const Result<uint64_t> written = render(rows.value(), options, sink);
  return written.ok() ? sink.text : written.error().message();
}

/// The one value of `SELECT <expression>` in CSV, without its quotes.
std::string csv(const std::string& expression, std::string_view zone = "UTC") {
  const std::string text = rendered("SELECT " + expression + " AS v",
                                    {.format = Format::csv, .zone = TimeZone::find(zone).value()});
  const std::string head = "\"v\"\n";
  if (!text.starts_with(head)) return text;
  const std::string value = text.substr(head.size(), text.size() - head.size() - 1);
  return value.size() < 2 ? value : value.substr(1, value.size() - 2);
}

std::string json(const std::string& expression, std::string_view zone = "UTC") {
  const std::string text =
      rendered("SELECT " + expression + " AS v",
               {.format = Format::jsonl, .zone = TimeZone::find(zone).value()});
  const std::string head = "{\"v\":";
  if (!text.starts_with(head)) return text;
  return text.substr(head.size(), text.size() - head.size() - 2);
}

TEST(ValueText, ScalarsAsAthenaWritesThem) {
  EXPECT_EQ(csv("'a'"), "a");
  EXPECT_EQ(csv("NULL"), "");
  EXPECT_EQ(csv("true"), "true");
  EXPECT_EQ(csv("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(csv("170141183460469231731687303715884105727::HUGEINT"),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(csv("1.10::DECIMAL(5,2)"), "1.10");
  EXPECT_EQ(csv("1e7::DOUBLE"), "1.0E7");
  EXPECT_EQ(csv("'nan'::DOUBLE"), "NaN");
  EXPECT_EQ(csv("DATE '2024-01-02'"), "2024-01-02");
  EXPECT_EQ(csv("TIMESTAMP '2024-01-02 03:04:05.678'"), "2024-01-02 03:04:05.678");
  EXPECT_EQ(csv("TIMESTAMP '2024-01-02 03:04:05'"), "2024-01-02 03:04:05.000");
  EXPECT_EQ(csv("TIMESTAMPTZ '2024-01-02 03:04:05+00'"), "2024-01-02 03:04:05.000 UTC");
  EXPECT_EQ(csv("'\\x0A\\xFF'::BLOB"), "0a ff");
}

TEST(ValueText, NestedAsAthenaWritesThem) {
  EXPECT_EQ(csv("['a', NULL, 'b']"), "[a, null, b]");
  EXPECT_EQ(csv("{'k': 'v', 'n': 1}"), "{k=v, n=1}");
  EXPECT_EQ(csv("MAP {'k': 1, 'l': NULL}"), "{k=1, l=null}");
  EXPECT_EQ(csv("[{'t': TIMESTAMP '2024-01-02 03:04:05'}]"), "[{t=2024-01-02 03:04:05.000}]");
  EXPECT_EQ(csv("[]::VARCHAR[]"), "[]");
}

TEST(ValueText, TimeZoneChangesWhatIsShown) {
  EXPECT_EQ(csv("TIMESTAMP '2024-01-02 03:04:05'", "Asia/Tokyo"), "2024-01-02 12:04:05.000 +09:00");
  EXPECT_EQ(json("TIMESTAMP '2024-01-02 03:04:05'", "Asia/Tokyo"), "\"2024-01-02T12:04:05+09:00\"");
}

TEST(ValueText, JsonKeepsEveryDigit) {
  EXPECT_EQ(json("170141183460469231731687303715884105727::HUGEINT"),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(json("12345678901234567.89::DECIMAL(20,2)"), "12345678901234567.89");
  EXPECT_EQ(json("0.1::DOUBLE"), "0.1");
  EXPECT_EQ(json("'inf'::DOUBLE"), "\"Infinity\"");
}

TEST(ValueText, JsonOfEveryType) {
  EXPECT_EQ(json("'say \"hi\"'"), "\"say \\\"hi\\\"\"");
  EXPECT_EQ(json("false"), "false");
  EXPECT_EQ(json("NULL"), "null");
  EXPECT_EQ(json("TIMESTAMP '2024-01-02 03:04:05.678'"), "\"2024-01-02T03:04:05.678Z\"");
  EXPECT_EQ(json("DATE '2024-01-02'"), "\"2024-01-02\"");
  EXPECT_EQ(json("[1, NULL]"), "[1,null]");
  EXPECT_EQ(json("{'a': {'b': [true]}}"), "{\"a\":{\"b\":[true]}}");
  EXPECT_EQ(json("MAP {1: 'x'}"), "{\"1\":\"x\"}");
  EXPECT_EQ(json("'{\"a\": [1.50,\n \"x  y\"]}'::JSON"), "{\"a\":[1.50,\"x  y\"]}");
  EXPECT_EQ(json("'\\x0A\\xFF'::BLOB"), "\"0aff\"");
  EXPECT_EQ(json("INTERVAL 1 DAY"), "\"1 day\"");
}

TEST(ValueText, DoublesAsJavaWritesThem) {
  const std::pair<double, std::string_view> cases[] = {
      {0, "0.0"},
      {1, "1.0"},
      {-2.5, "-2.5"},
      {9999999, "9999999.0"},
      {1e7, "1.0E7"},
      {1.25e-5, "1.25E-5"},
      {0.001, "0.001"},
      {1e21, "1.0E21"},
      {1.0 / 3, "0.3333333333333333"},
      {12345678.9, "1.23456789E7"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
  };
  for (const auto& [value, want] : cases) EXPECT_EQ(java_double(value), want);
}

TEST(Render, ManyRowsComeInOrderAndAreCounted) {
  const std::string text = rendered("SELECT i FROM range(5000) t(i)", {.format = Format::jsonl});
  EXPECT_TRUE(text.starts_with("{\"i\":0}\n{\"i\":1}\n"));
  EXPECT_TRUE(text.ends_with("{\"i\":4999}\n"));
}

TEST(Render, ATerminalNeverSeesControlCharacters) {
  const std::string sql = "SELECT 'a' || chr(27) || '[31m' || chr(155) AS v";
  EXPECT_EQ(rendered(sql, {.format = Format::csv, .terminal = true}),
            "\"v\"\n\"a\\x1b[31m\\x9b\"\n");
  EXPECT_EQ(rendered(sql, {.format = Format::csv}), "\"v\"\n\"a\x1b[31m\xc2\x9b\"\n");
  EXPECT_EQ(rendered(sql, {.format = Format::jsonl, .terminal = true}),
            "{\"v\":\"a\\u001b[31m\\x9b\"}\n");
}

TEST(Render, StopsWhenAsked) {
  EXPECT_EQ(rendered("SELECT i FROM range(5000) t(i)",
                     {.format = Format::jsonl, .stopped = [] { return true; }}),
            "interrupted");
}

}  // namespace
}  // namespace cairn::render
