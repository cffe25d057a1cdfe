// What a ResultSet holds.
#pragma once

#include "engine/internal/duck.h"
#include "engine/result_set.h"

#include <functional>
#include <vector>

namespace cairn::engine {

struct ResultSet::State {
  duck::Result result;
  duck::DataChunk chunk;
  std::vector<ResultColumn> columns;
  size_t rows = 0;
  bool ended = false;  ///< DuckDB takes a further fetch for a fault
  std::function<Error(Error)> retell;
};

}  // namespace cairn::engine
