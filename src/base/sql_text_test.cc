#include "base/sql_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn {
namespace {

TEST(SqlText, QuotesWhatComesFromOutside) {
  EXPECT_EQ(sql_literal(""), "''");
  EXPECT_EQ(sql_literal("O'Neil \"x\""), "'O''Neil \"x\"'");
  EXPECT_EQ(sql_name("a\"b'c"), "\"a\"\"b'c\"");
  EXPECT_EQ(sql_list({}), "");
  EXPECT_EQ(sql_list(std::vector<std::string>{"a", "'); --"}), "'a', '''); --'");
}

}  // namespace
}  // namespace cairn
