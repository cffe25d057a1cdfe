// The lake as SQL: which expression stands for its events, and values back out of its rows.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"
#include "io/random.h"
#include "model/columns.h"
#include "model/record_parts.h"
#include "store/lake.h"
#include "store/readable_files.h"
#include "store/table.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

/// Days since 1970 of an instant in microseconds.
constexpr int64_t day_of(int64_t time_us) {
  constexpr int64_t kDayUs = 24LL * 3600 * 1'000'000;
  return time_us >= 0 ? time_us / kDayUs : -((-time_us + kDayUs - 1) / kDayUs);
}

/// `2026-10-01`.
std::string day_text(int32_t day);

/// Key of a new data file of that day.
std::string new_data_key(int32_t day, io::Random& random);

/// Time of the first event, by the file's bounds; the smallest number when they do not say.
int64_t first_event_us(const DataFile& file);
int64_t last_event_us(const DataFile& file);  ///< else the largest

/// `a.b.c` as the column "a"."b"."c".
std::string column_path(std::string_view name);

struct TimeRange {
  std::optional<int64_t> min_us{};  ///< inclusive
  std::optional<int64_t> max_us{};  ///< inclusive
};

/// `SELECT …` with the columns of read_cloudtrail(), recordPatch and resourceARNs over these
/// Parquet files; over none, no rows. Columns that a file lacks are null. With `only` there are
/// just the columns of read_cloudtrail() that it names. Needs engine::register_lake_functions().
std::string lake_source_sql(const ReadableFiles& files, const TimeRange& range,
                            const std::set<std::string>* only = nullptr);

/// What stands behind FROM for the stored columns of these files as they are, and with `records`
/// eventJson, put together of them.
std::string stored_source_sql(const ReadableFiles& files, bool records);

/// `read_parquet(…)` that gives every column of the table, by field id; what the files lack is
/// null. Slower than without for members of structs, which are then decoded as a whole.
std::string all_columns_sql(const std::vector<std::string>& paths);

/// A cell of such a row as the value of its column.
model::ColumnValue column_value(const model::Column& column, const engine::Cell& cell);

}  // namespace cairn::store
