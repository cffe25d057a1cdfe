#include "engine/version.h"

#include <duckdb.h>

namespace cairn::engine {

std::string_view duckdb_version() {
  return duckdb_library_version();
}

}  // namespace cairn::engine
