#include "render/row_writer.h"

#include "render/display.h"
#include "render/testing/text_sink.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace cairn::render {
namespace {

using testing::TextSink;

/// Fails at the n-th write.
class FailingSink final : public ByteSink {
 public:
  explicit FailingSink(int good) : good_(good) {}

  Status write(std::string_view) override {
    if (good_-- > 0) return {};
    return Error(ErrorKind::unavailable, "disk full");
  }

 private:
  int good_;
};

const Field kNullField{.text = "", .null = true};

Field text(std::string value) {
  return {.text = std::move(value), .null = false};
}

using Rows = std::vector<std::vector<Field>>;

std::string written(Format format, std::vector<Header> headers, const Rows& rows,
                    const WriterOptions& options = {}) {
  TextSink sink;
  const auto writer = make_row_writer(format, std::move(headers), options, sink);
  for (const auto& row : rows) EXPECT_TRUE(writer->row(row).ok());
  EXPECT_TRUE(writer->finish().ok());
  return sink.text;
}

const std::vector<Header> kHeadersGiven{{"name", false}, {"calls", true}};

TEST(Table, AlignsTextLeftAndNumbersRight) {
  EXPECT_EQ(written(Format::table, kHeadersGiven,
                    {{text("RunInstances"), text("7")}, {text("日本"), text("1234")}}),
            "name          calls\n"
            "────────────  ─────\n"
            "RunInstances      7\n"
            "日本           1234\n");
}

TEST(Table, TellsNullFromEmptyAndFromTheWord) {
  EXPECT_EQ(written(Format::table, {{"a", false}, {"b", false}},
                    {{kNullField, text("x")}, {text(""), text("y")}, {text("NULL"), text("")}}),
            "a       b\n"
            "──────  ─\n"
            "NULL    x\n"
            "        y\n"
            "\"NULL\"\n");
}

TEST(Table, WithoutRowsShowsItsHead) {
  EXPECT_EQ(written(Format::table, kHeadersGiven, {}), "name  calls\n────  ─────\n");
}

TEST(Table, CutsTheWidestColumnsToFit) {
  const Rows rows{{text("short"), text(std::string(100, 'x')), text(std::string(50, 'y'))}};
  const std::string table =
      written(Format::table, {{"a", false}, {"b", false}, {"c", false}}, rows, {.columns_max = 40});
  EXPECT_EQ(table,
            "a      b                 c\n"
            "─────  ────────────────  ───────────────\n"
            "short  xxxxxxxxxxxxxxx…  yyyyyyyyyyyyyy…\n");
}

TEST(Table, ArnsKeepTheirEnd) {
  const std::string table =
      written(Format::table, {{"who", false}, {"n", true}},
              {{text("arn:aws:iam::111122223333:user/alice"), text("1")}}, {.columns_max = 20});
  EXPECT_TRUE(table.ends_with("\n…2223333:user/alice  1\n") ||
              table.ends_with("\n…23333:user/alice  1\n"))
      << table;
}

TEST(Table, LinesNeverExceedTheTerminalWhateverComesLater) {
  std::vector<Header> headers{{"a", false}, {"b", true}, {"c", false}};
  Rows rows(1'500, {text("x"), text("1"), text("y")});
  rows.push_back({text(std::string(80, 'x')), text("123456789012345678901"), text("日本語日本語")});
  const std::string table = written(Format::table, headers, rows, {.columns_max = 30});
  size_t lines = 0;
  for (std::string_view rest = table; !rest.empty(); ++lines) {
    const size_t end = rest.find('\n');
    EXPECT_LE(display_width(rest.substr(0, end)), 30U);
    rest.remove_prefix(end + 1);
  }
  EXPECT_EQ(lines, 1'503U);
}

TEST(Table, TooManyColumnsAreShownOnePerLine) {
  std::vector<Header> headers;
  std::vector<Field> row;
  for (int i = 0; i < 20; ++i) {
    headers.push_back({"column" + std::to_string(i), false});
    row.push_back(text("value" + std::to_string(i)));
  }
  const std::string out = written(Format::table, headers, {row}, {.columns_max = 80});
  EXPECT_NE(out.find("── 1 ──"), std::string::npos);
  EXPECT_NE(out.find("column19  value19\n"), std::string::npos);
}

TEST(Table, HostileTextCannotDriveTheTerminal) {
  EXPECT_EQ(written(Format::table, {{"a\x1b", false}}, {{text("\x1b]0;x\x07")}}),
            "a\\x1b\n────────────\n\\x1b]0;x\\x07\n");
}

TEST(Table, ColorMarksHeadAndNull) {
  EXPECT_EQ(written(Format::table, {{"a", false}}, {{kNullField}}, {.color = true}),
            "\033[1ma\033[0m\n────\n\033[2mNULL\033[0m\n");
}

TEST(Csv, QuotesEveryValueAsAthenaDoes) {
  EXPECT_EQ(
      written(Format::csv, {{"a", false}, {"b\"", false}, {"c", false}},
              {{text("x"), kNullField, text("")}, {text("say \"hi\""), text("1,2"), text("a\nb")}}),
      "\"a\",\"b\"\"\",\"c\"\n\"x\",,\"\"\n\"say \"\"hi\"\"\",\"1,2\",\"a\nb\"\n");
}

TEST(Csv, SafeDisarmsFormulasInTextOnly) {
  const std::vector<Header> headers{{"text", false}, {"number", true}};
  for (const std::string start : {"=", "+", "-", "@", "\t", "\r", "\n", "＝"})
    EXPECT_EQ(written(Format::csv, headers, {{text(start + "1"), text("-5")}}, {.safe_csv = true}),
              "\"text\",\"number\"\n\"'" + start + "1\",\"-5\"\n");
  EXPECT_EQ(written(Format::csv, headers, {{text("a=1"), kNullField}}, {.safe_csv = true}),
            "\"text\",\"number\"\n\"a=1\",\n");
  EXPECT_EQ(written(Format::csv, headers, {{text("=1"), text("1")}}),
            "\"text\",\"number\"\n\"=1\",\"1\"\n");
}

TEST(Json, IsOneArray) {
  EXPECT_EQ(written(Format::json, kHeadersGiven, {}), "[]\n");
  EXPECT_EQ(
      written(Format::json, kHeadersGiven, {{text("\"x\""), text("1")}, {kNullField, text("2")}}),
      "[\n{\"name\":\"x\",\"calls\":1},\n{\"name\":null,\"calls\":2}\n]\n");
}

TEST(Json, LinesHaveOneObjectEach) {
  EXPECT_EQ(
      written(Format::jsonl, kHeadersGiven, {{text("\"x\""), text("1")}, {kNullField, text("2")}}),
      "{\"name\":\"x\",\"calls\":1}\n{\"name\":null,\"calls\":2}\n");
}

TEST(Json, RepeatedNamesAreToldApart) {
  EXPECT_EQ(written(Format::jsonl, {{"a", true}, {"a", true}, {"a_1", true}, {"a", true}},
                    {{text("1"), text("2"), text("3"), text("4")}}),
            "{\"a\":1,\"a_2\":2,\"a_1\":3,\"a_3\":4}\n");
}

TEST(Markdown, EscapesWhatWouldBreakTheTable) {
  EXPECT_EQ(written(Format::markdown, {{"a|b", false}, {"n", true}},
                    {{text("x|y\nz <b>"), text("1")}, {kNullField, kNullField}}),
            "| a\\|b | n |\n| --- | ---: |\n| x\\|y\\\\nz \\<b\\> | 1 |\n| NULL | NULL |\n");
}

TEST(Vertical, HasOneFieldPerLine) {
  const std::string out =
      written(Format::vertical, kHeadersGiven, {{text("x"), text("1")}, {kNullField, text("2")}});
  EXPECT_TRUE(out.starts_with("── 1 ───")) << out;
  EXPECT_NE(out.find("\nname   x\ncalls  1\n── 2 "), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("\nname   NULL\ncalls  2\n")) << out;
}

TEST(RowWriter, EveryFormatReportsAFailingSink) {
  for (const Format format : {Format::table, Format::csv, Format::json, Format::jsonl,
                              Format::markdown, Format::vertical}) {
    FailingSink sink(0);
    const auto writer = make_row_writer(format, kHeadersGiven, {}, sink);
    const std::vector<Field> row{text("x"), text("1")};
    const Status rows = writer->row(row);
    const Status end = rows.ok() ? writer->finish() : rows;
    ASSERT_FALSE(end.ok());
    EXPECT_EQ(end.error().message(), "disk full");
  }
}

TEST(RowWriter, FormatsAreFoundByName) {
  EXPECT_EQ(find_format("jsonl"), Format::jsonl);
  EXPECT_EQ(find_format("parquet"), std::nullopt);
  EXPECT_EQ(find_format(""), std::nullopt);
}

}  // namespace
}  // namespace cairn::render
