#include "cli/version.h"

#include "engine/version.h"

#include <fmt/format.h>

namespace cairn::cli {

std::string_view program_version() {
  return CAIRN_VERSION;
}

std::string version_text() {
  return fmt::format("cairn {} (DuckDB {})", CAIRN_VERSION, engine::duckdb_version());
}

}  // namespace cairn::cli
