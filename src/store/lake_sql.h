// The lake as SQL: which expression stands for its events, and values back out of its rows.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"
#include "model/columns.h"
#include "model/record_parts.h"
#include "store/lake.h"
#include "store/table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::store {

/// Days since 1970 of an instant in microseconds.
constexpr int64_t day_of(int64_t time_us) {
  constexpr int64_t day = 24LL * 3600 * 1'000'000;
  return time_us >= 0 ? time_us / day : -((-time_us + day - 1) / day);
}

/// A path by which the engine can open the file.
Result<std::string> readable_path(Lake& lake, const DataFile& file);

struct TimeRange {
  std::optional<int64_t> min_us{};  ///< inclusive
  std::optional<int64_t> max_us{};  ///< inclusive
};

/// `SELECT …` with the columns of read_cloudtrail(), recordPatch and resourceARNs over these
/// Parquet files; over none, no rows. Needs engine::register_record_function().
std::string lake_source_sql(const std::vector<std::string>& paths, const TimeRange& range);

/// A cell of such a row as the value of its column.
model::ColumnValue column_value(const model::Column& column, const engine::Cell& cell);

}  // namespace cairn::store
