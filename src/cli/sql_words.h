// What the prompt completes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

/// Columns, tables, keywords and functions that begin with `word` (without regard to case), or at
/// the start of a line the prompt's own commands. Keywords come in the case that `word` has.
std::vector<std::string> sql_completions(std::string_view line, std::string_view word);

}  // namespace cairn::cli
