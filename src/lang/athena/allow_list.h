// What a statement from a stranger may hold: a list of what is allowed, by which everything else is
// refused, whatever it is. It looks at the engine's syntax tree, not at the text, so that spelling,
// quoting, comments and nesting make no difference.
#pragma once

#include "lang/athena/fault.h"
#include "lang/athena/prepare.h"
#include "lang/athena/tree.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace cairn::lang::athena {

/// Brackets within one another; asked before anything parses the text.
inline constexpr size_t kBracketDepthMax = 200;
/// Levels of the syntax tree, which has about two per level of an expression.
inline constexpr int kTreeDepthMax = 1000;
/// SELECTs, and tables that they name, in one statement.
inline constexpr size_t kSelectsMax = 200;
inline constexpr size_t kRelationsMax = 200;
/// Columns of one SELECT, stars written out.
inline constexpr size_t kColumnsMax = 20'000;
/// Nodes of the statement once macros, aliases and columns of subqueries stand for what they mean:
/// a few lines can name one another so that the engine would plan for ever, or so that values
/// double and double again.
inline constexpr double kExpandedNodesMax = 500'000;
/// Of what one call may make out of nothing: the elements of a sequence, the width of a padding.
inline constexpr int64_t kMadeOfNothingMax = 1'000'000;
inline constexpr int64_t kPaddingMax = 10'000;

/// The fault of a text whose brackets stand too deep in one another.
std::optional<Fault> check_brackets(std::string_view statement);

/// Looks at the user's own tree, before it is rewritten: kinds of query, expressions, types,
/// functions and table functions. Which tables may be named is for rewrite() with
/// `only_event_tables`.
std::optional<Fault> check_allowed(const Json& tree, const Prepared& prepared);

/// Looks at the tree as it goes to the engine: every table name that is left is one that WITH gave.
std::optional<Fault> check_rewritten(const Json& tree);

/// The fault of a call that can make much out of nothing and does not say in the text how much.
std::optional<Fault> check_amount(const Json& call, std::string_view name);

/// Whether a statement may call it; `name` is in lower case.
bool is_allowed_function(std::string_view name);

}  // namespace cairn::lang::athena
