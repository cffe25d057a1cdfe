// Which cairn this is, and which DuckDB is in it.
#pragma once

#include <string>
#include <string_view>

namespace cairn::cli {

/// `0.1.0`
std::string_view program_version();

/// `cairn 0.1.0 (DuckDB v1.5.6)`
std::string version_text();

}  // namespace cairn::cli
