#include "diagnose/folder.h"

#include "diagnose/count_table.h"
#include "diagnose/template.h"

#include <gtest/gtest.h>

namespace cairn::diagnose {
namespace {

TEST(Tsv, EscapesAsJqDoes) {
  std::string out;
  append_tsv_field(out, "a\tb\nc\rd\\e\"f");
  EXPECT_EQ(out, "a\\tb\\nc\\rd\\\\e\"f");
}

TEST(JqString, EscapesControlsAndDel) {
  std::string out;
  append_jq_string(out, "\x7F\x01\"é\x7F");
  EXPECT_EQ(out, "\"\\u007f\\u0001\\\"é\\u007f\"");
  out.clear();
  append_jq_string(out, "");
  EXPECT_EQ(out, "\"\"");
}

TEST(CountTable, WritesAsUniqAndSortDo) {
  CountTable table;
  table.add("a", 2);
  table.add("c", 1);
  table.add("b", 2);
  table.add("d", 12'345'678);
  EXPECT_EQ(table.uniq_lines(), "12345678 d\n      2 b\n      2 a\n      1 c\n");
  EXPECT_EQ(table.top(2).back().name, "a");
  EXPECT_EQ(table.of("b"), 2U);
}

TEST(Classic, HasTheOriginalsRules) {
  EXPECT_TRUE(classify_classic("", "rate-exceeded").real_error);
  EXPECT_TRUE(classify_classic("", "RateExceeded").real_error);
  EXPECT_TRUE(classify_classic("", "rate…exceeded").real_error);
  EXPECT_FALSE(classify_classic("", "rate\nexceeded").real_error);
  EXPECT_FALSE(classify_classic("", "rate  exceeded").real_error);
  const auto both = classify_classic("Client.DryRunOperation", "a Limit is near");
  EXPECT_TRUE(both.real_error && both.dry_run && both.any_issue);
  EXPECT_FALSE(classify_classic("Client.DryRunOperation", "").real_error);
  EXPECT_FALSE(classify_classic("", "limit").any_issue);
}

TEST(Template, LeavesOutWhatIsNotKnown) {
  const Facts facts{{"role", "app"}, {"empty", ""}};
  EXPECT_EQ(fill("role {role}.", facts), "role app.");
  EXPECT_EQ(fill("{role} {user}", facts), std::nullopt);
  EXPECT_EQ(fill("{empty}", facts), std::nullopt);
  EXPECT_EQ(fill("no braces", facts), "no braces");
}

TEST(Template, QuotesWhatAShellWouldRead) {
  const Facts facts{{"role", "x; rm -rf ~"}, {"resources", "eni-1 $(id)"}, {"user", "it's"}};
  EXPECT_EQ(fill_command("aws --role {role}", facts), "aws --role 'x; rm -rf ~'");
  EXPECT_EQ(fill_command("--ids {resources}", facts), "--ids eni-1 '$(id)'");
  EXPECT_EQ(fill_command("{user}", facts), "'it'\\''s'");
  EXPECT_EQ(shell_quote("-rf"), "'-rf'");
  EXPECT_EQ(shell_quote(""), "''");
}

}  // namespace
}  // namespace cairn::diagnose
