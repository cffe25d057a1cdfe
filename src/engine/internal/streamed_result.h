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
  uint64_t rows_max = 0;  ///< 0: no limit
  uint64_t bytes_max = 0;
  uint64_t rows_given = 0;
  uint64_t bytes_given = 0;
};

}  // namespace cairn::engine
