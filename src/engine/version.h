// Which DuckDB is inside.
#pragma once

#include <string_view>

namespace cairn::engine {

/// `v1.5.6`; lives as long as the program.
std::string_view duckdb_version();

}  // namespace cairn::engine
