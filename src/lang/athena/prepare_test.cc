#include "lang/athena/prepare.h"

#include "lang/athena/formats.h"
#include "lang/athena/json_path.h"
#include "lang/athena/lexer.h"

#include <gtest/gtest.h>

namespace cairn::lang::athena {
namespace {

constexpr const char* kId = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

std::string prepared(const std::string& sql) {
  const auto out = prepare(sql);
  return out.fault ? "fault: " + out.fault->message : out.sql;
}

TEST(Prepare, QuotesTheIdOfAnEventDataStore) {
  EXPECT_EQ(prepared(std::string("SELECT 1 FROM ") + kId),
            std::string("SELECT 1 FROM \"") + kId + '"');
  EXPECT_EQ(prepared(std::string("SELECT 1 FROM a, ") + kId + " b"),
            std::string("SELECT 1 FROM a, \"") + kId + "\" b");
  EXPECT_EQ(prepared(std::string("SELECT '") + kId + "' -- FROM " + kId),
            std::string("SELECT '") + kId + "' -- FROM " + kId);
}

TEST(Prepare, TranslatesWhatTheParserDoesNotKnow) {
  EXPECT_EQ(prepared("SELECT CAST(a AS array(varchar)) ;"), "SELECT CAST(a AS  varchar[])  ");
  EXPECT_EQ(prepared("SELECT CAST(a AS varchar(10))"), "SELECT CAST(a AS athena_varchar_10)");
  EXPECT_EQ(prepared("SELECT listagg(a, ',') WITHIN GROUP (ORDER BY b)"),
            "SELECT listagg(a, ','       ORDER BY b)");
  EXPECT_EQ(prepared("SELECT if(f(a, b), c)"), "SELECT if(f(a, b), c, NULL)");
  EXPECT_EQ(prepared("SELECT if(a, b, c)"), "SELECT if(a, b, c)");
  EXPECT_EQ(prepared("SELECT 'array(x)', \"array(x)\" /* array(x) */"),
            "SELECT 'array(x)', \"array(x)\" /* array(x) */");
}

TEST(Prepare, RefusesByName) {
  EXPECT_EQ(prepared("SELECT 1; SELECT 2"), "fault: one statement at a time");
  EXPECT_EQ(prepared("SELECT ';' ;;"), "SELECT ';'   ");
  EXPECT_EQ(prepared("  "), "fault: the statement is empty");
  EXPECT_EQ(prepared("SELECT 'a"), "fault: the string that begins here is not closed");
  EXPECT_EQ(prepared("SELECT /* a"), "fault: the comment that begins here is not closed");
  EXPECT_EQ(prepared("SELECT a == b"), "fault: '==' is no operator of Athena's SQL");
  EXPECT_EQ(prepared("create table a as select 1"),
            "fault: CREATE TABLE AS is not supported: it changes something, and cairn only reads");
  EXPECT_EQ(prepared("SELECT `a`"), "fault: '`' quotes names in Athena's DDL only");
  EXPECT_EQ(prepared("SELECT '\xFF'"), "fault: the statement is not valid UTF-8");
}

TEST(Prepare, FindsPlacesInTheUsersText) {
  const std::string sql = "SELECT CAST(a AS array(varchar)), bad";
  const auto out = prepare(sql);
  EXPECT_EQ(out.position_in_text(out.sql.find("bad")), sql.find("bad"));
  EXPECT_EQ(out.position_in_text(0), 0U);
}

TEST(Prepare, TellsStatementsApart) {
  EXPECT_EQ(prepare("explain select 1").kind, StatementKind::explain);
  EXPECT_EQ(prepare("show tables").kind, StatementKind::show_tables);
  const auto describe = prepare("DESCRIBE db.\"a b\"");
  EXPECT_EQ(describe.kind, StatementKind::describe);
  EXPECT_EQ(describe.schema, "db");
  EXPECT_EQ(describe.table, "a b");
}

TEST(JsonPath, TakesTrinosPathsAndNoOthers) {
  EXPECT_EQ(json_pointer("$"), "$");
  EXPECT_EQ(json_pointer("$.a.b[0]"), "/a/b/0");
  EXPECT_EQ(json_pointer("$[\"x-y\"].AWS:z"), "/x-y/AWS:z");
  EXPECT_EQ(json_pointer("$[\"a/b~\\\"\"]"), "/a~1b~0\"");
  for (const auto* bad : {"", "a", "$.", "$.a-b", "$.*", "$..a", "$[*]", "$[\"a", "$[0", "$a"})
    EXPECT_FALSE(json_pointer(bad)) << bad;
}

TEST(Formats, KnowMysqlAndJoda) {
  EXPECT_EQ(from_mysql_format("%Y-%m-%dT%H:%i:%sZ").strftime, "%Y-%m-%dT%H:%M:%SZ");
  EXPECT_EQ(from_mysql_format("%D").unknown, "%D");
  EXPECT_EQ(from_joda_format("yyyy-MM-dd'T'HH:mm:ss.SSS''").strftime, "%Y-%m-%dT%H:%M:%S.%g'");
  EXPECT_EQ(from_joda_format("GG").unknown, "GG");
}

TEST(Render, MarksThePlaceUnderTheRightCharacter) {
  const Fault fault{.message = "no", .position = 13, .length = 3, .note = "n", .hint = "h"};
  EXPECT_EQ(render(fault, "SELECT\n'ü\x01' bad"),
            "query:2:6: no\n"
            "    2 | 'ü\\x01' bad\n"
            "      |         ^~~ n\n"
            "hint: h");
}

TEST(Condition, StaysWithinItsBrackets) {
  for (const std::string_view good : {"errorCode IS NOT NULL", "(a = 1) OR (b = ')')",
                                      "a = 'x' -- ) closes nothing", "\")\" = 1"})
    EXPECT_FALSE(fault_of_condition(good)) << good;
  for (const std::string_view bad :
       {"", " -- nothing", "1=1) UNION SELECT 1 --", "a = 1; DROP", "(a = 1", "a = 'x", "1) OR (1"})
    EXPECT_TRUE(fault_of_condition(bad)) << bad;
}

}  // namespace
}  // namespace cairn::lang::athena
