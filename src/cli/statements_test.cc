#include "cli/statements.h"

#include <gtest/gtest.h>

namespace cairn::cli {
namespace {

void check(std::string_view text, const std::vector<std::string>& complete, std::string_view rest) {
  SCOPED_TRACE(text);
  const Statements found = split_statements(text);
  EXPECT_EQ(found.complete, complete);
  EXPECT_EQ(found.rest, rest);
}

TEST(Statements, EndAtSemicolons) {
  check("", {}, "");
  check(" \n", {}, "");
  check("SELECT 1", {}, "SELECT 1");
  check("SELECT 1;", {"SELECT 1"}, "");
  check("SELECT 1; SELECT\n2 ;\nSELECT 3", {"SELECT 1", "SELECT\n2"}, "SELECT 3");
  check(";; ;", {}, "");
}

TEST(Statements, SemicolonsInTextAndNamesAreText) {
  check("SELECT ';', 'it''s; so' AS \"a;b\";", {"SELECT ';', 'it''s; so' AS \"a;b\""}, "");
  check("SELECT 'open; SELECT 2;", {}, "SELECT 'open; SELECT 2;");
}

TEST(Statements, SemicolonsInCommentsAreText) {
  check("-- one; two\nSELECT 1;", {"-- one; two\nSELECT 1"}, "");
  check("SELECT /* ; */ 1;", {"SELECT /* ; */ 1"}, "");
  check("SELECT 1; -- done;\n", {"SELECT 1"}, "");
  check("SELECT 1; /* done; */ ", {"SELECT 1"}, "");
  check("SELECT 1 /* open;", {}, "SELECT 1 /* open;");
  check("/* open;", {}, "/* open;");
}

}  // namespace
}  // namespace cairn::cli
