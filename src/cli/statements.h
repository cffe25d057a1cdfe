// Where statements of SQL end: at semicolons that stand in no string, name or comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

struct Statements {
  std::vector<std::string> complete;  ///< without their semicolon; empty ones are left out
  std::string rest;                   ///< behind the last semicolon; "" if only blanks and comments
};

Statements split_statements(std::string_view text);

}  // namespace cairn::cli
