// The step before DuckDB's parser: the few spellings of Athena and CloudTrail Lake that it does not
// know become ones that it does, and what is no query at all is refused by name.
#pragma once

#include "lang/athena/fault.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

enum class StatementKind : uint8_t {
  query,
  explain,      ///< EXPLAIN of the query in `sql`
  show_tables,  ///< SHOW TABLES
  describe,     ///< DESCRIBE t, SHOW COLUMNS FROM t: `table` is the name
};

/// A change of the text; kept so that places can be found back.
struct Edit {
  size_t begin = 0;  ///< bytes in the user's text
  size_t end = 0;
  std::string replacement;
};

struct Prepared {
  StatementKind kind = StatementKind::query;
  std::string sql;  ///< for DuckDB's parser
  std::string schema;
  std::string table;
  std::vector<Edit> edits;
  std::optional<Fault> fault;

  /// Where byte `position` of `sql` stands in the user's text.
  size_t position_in_text(size_t position) const;
};

/// Types that the parser would lose are carried in a name: `varchar(10)` becomes this and `10`.
inline constexpr std::string_view kVarcharMarker = "athena_varchar_";

/// `statement`: one statement of at most 262,144 bytes (Athena's limit), a trailing `;` allowed.
Prepared prepare(std::string_view statement);

}  // namespace cairn::lang::athena
