#include "cli/sql_words.h"

#include "cli/line_editor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::cli {
namespace {

using Words = std::vector<std::string>;

Words complete(std::string_view line) {
  const size_t blank = line.find_last_of(" (,");
  return sql_completions(line, blank == std::string_view::npos ? line : line.substr(blank + 1));
}

TEST(SqlWords, ColumnsTablesAndKeywords) {
  EXPECT_EQ(complete("SELECT eventna"), Words{"eventName"});
  EXPECT_EQ(complete("SELECT * FROM cloudt"), (Words{"cloudtrail", "cloudtrail_logs"}));
  EXPECT_EQ(complete("sel"), Words{"select"});
  EXPECT_EQ(complete("SEL"), Words{"SELECT"});
  EXPECT_EQ(complete("SELECT zzz"), Words{});
}

TEST(SqlWords, StructsOpenFieldByField) {
  EXPECT_EQ(complete("SELECT useri"), Words{"userIdentity."});
  const Words fields = complete("SELECT useridentity.");
  EXPECT_NE(std::find(fields.begin(), fields.end(), "userIdentity.arn"), fields.end());
  EXPECT_NE(std::find(fields.begin(), fields.end(), "userIdentity.sessionContext."), fields.end());
}

TEST(SqlWords, CommandsOnlyAtTheStart) {
  EXPECT_EQ(complete(".ta"), Words{".tables"});
  EXPECT_EQ(complete("SELECT .ta"), Words{});
}

TEST(SqlWords, CommonStartIgnoresCase) {
  EXPECT_EQ(common_start({"eventName", "EVENTsource"}), "event");
  EXPECT_EQ(common_start({"one"}), "one");
  EXPECT_EQ(common_start({}), "");
  EXPECT_EQ(common_start({"a", "b"}), "");
}

}  // namespace
}  // namespace cairn::cli
