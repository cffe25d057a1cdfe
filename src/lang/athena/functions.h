// The tables of Athena's functions: what each is called in DuckDB, or which macro of ours it is.
// Functions that need more than a new name are translated in rewrite_function.cc.
#pragma once

#include "lang/athena/tree.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

struct FunctionRule {
  std::string_view name;  ///< Athena's, lower case
  uint8_t arguments_min;
  uint8_t arguments_max;
  std::string_view target;  ///< DuckDB's function or a macro of ours
  Kind result;
};

/// nullptr: DuckDB has it under the same name, or it needs a translation of its own, or nobody
/// knows it.
const FunctionRule* find_rule(std::string_view name, size_t arguments);

/// What kind of value a function gives that has the same name here and there.
Kind result_kind(std::string_view name);

struct Macro {
  std::string_view name;
  std::string_view definition;  ///< what follows CREATE MACRO name
  std::string_view needs;       ///< names of macros that it calls, separated by blanks
};

/// The macro of that name, or nullptr.
const Macro* find_macro(std::string_view name);

/// Whether Athena has a function of that (lower-case) name which works here.
bool is_athena_function(std::string_view name);

/// Names that users may mean, for suggestions.
std::vector<std::string_view> function_names();

}  // namespace cairn::lang::athena
