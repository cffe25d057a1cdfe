#include "store/lake_sql.h"

#include "base/sql_text.h"
#include "base/time.h"
#include "engine/record_function.h"
#include "store/cloudtrail_schema.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

namespace cairn::store {
namespace {

/// A timestamp in Iceberg's single-value form: microseconds, little endian.
std::optional<int64_t> instant_of(const ByField<std::string>& bounds) {
  const auto bound = bounds.find(event_time_field_id());
  int64_t instant = 0;
  if (bound == bounds.end() || bound->second.size() != sizeof instant) return std::nullopt;
  std::memcpy(&instant, bound->second.data(), sizeof instant);
  return instant;
}

std::string_view sql_type(parquet::Type type) {
  switch (type) {
    case parquet::Type::boolean:
      return "BOOLEAN";
    case parquet::Type::int32:
      return "INTEGER";
    case parquet::Type::int64:
      return "BIGINT";
    case parquet::Type::timestamp_us:
      return "TIMESTAMP";
    case parquet::Type::string:
      return "VARCHAR";
  }
  return "VARCHAR";
}

std::string type_of(const parquet::Field& field) {
  if (field.children.empty())
    return fmt::format("{}{}", sql_type(field.type), field.list ? "[]" : "");
  std::string out = "STRUCT(";
  for (const auto& child : field.children)
    out += fmt::format("{}\"{}\" {}", out.back() == '(' ? "" : ", ", child.name, type_of(child));
  return out + ')';
}

/// No rows, with the columns of the files.
std::string empty_source() {
  std::string out;
  for (const auto& field : cloudtrail_table().fields)
    out += fmt::format("{}NULL::{} AS \"{}\"", out.empty() ? "SELECT " : ", ", type_of(field),
                       field.name);
  return out + " WHERE false";
}

/// Of files that have all columns.
std::string whole_sql(const std::vector<std::string>& paths) {
  return fmt::format("read_parquet([{}], union_by_name=false)", sql_list(paths));
}

std::string make_schema() {
  std::string out;
  for (const auto& field : cloudtrail_table().fields)
    out += fmt::format("{}{}: {{name: {}, type: {}, default_value: NULL}}", out.empty() ? "" : ", ",
                       field.id, sql_literal(field.name), sql_literal(type_of(field)));
  return out;
}

}  // namespace

std::string day_text(int32_t day) {
  return format_iso8601(day * kMicrosPerDay).substr(0, 10);
}

std::string new_data_key(int32_t day, io::Random& random) {
  return fmt::format("{}eventTime_day={}/{}.parquet", kDataPrefix, day_text(day),
                     io::make_uuid(random));
}

int64_t first_event_us(const DataFile& file) {
  return instant_of(file.lower_bounds).value_or(std::numeric_limits<int64_t>::min());
}

int64_t last_event_us(const DataFile& file) {
  return instant_of(file.upper_bounds).value_or(std::numeric_limits<int64_t>::max());
}

std::string column_path(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) c == '.' ? out.append("\".\"") : out.append(1, c);
  return out + '"';
}

std::string all_columns_sql(const std::vector<std::string>& paths) {
  static const std::string kSchema = make_schema();
  return fmt::format("read_parquet([{}], schema=MAP {{{}}})", sql_list(paths), kSchema);
}

std::string stored_source_sql(const ReadableFiles& files, bool records) {
  auto source = files.paths().empty()     ? fmt::format("({})", empty_source())
                : files.lacking().empty() ? whole_sql(files.paths())
                                          : all_columns_sql(files.paths());
  if (!records) return source;
  return fmt::format("(SELECT *, {} AS eventJson FROM {})", record_sql(engine::kRecordFunction),
                     source);
}

std::string lake_source_sql(const ReadableFiles& files, const TimeRange& range,
                            const std::set<std::string>* only) {
  std::string conditions;
  const auto bound = [&](std::string_view comparison, std::optional<int64_t> time) {
    if (time)
      conditions += fmt::format("{} eventTime {} make_timestamp({})",
                                conditions.empty() ? " WHERE" : " AND", comparison, *time);
  };
  bound(">=", range.min_us);
  bound("<=", range.max_us);
  auto list = lake_select_list(engine::kRecordFunction, engine::kJsonFunction, only);
  if (only == nullptr) list += fmt::format(", {}, {}", kRecordPatch, kResourceArns);
  if (list.empty()) list = "1";  // rows are counted only
  std::string out;
  const auto add = [&](const std::string& source) {
    fmt::format_to(std::back_inserter(out), "{}SELECT {} FROM {}{}",
                   out.empty() ? "" : " UNION ALL ", list, source, conditions);
  };
  if (files.paths().empty()) add(fmt::format("({})", empty_source()));
  if (!files.whole().empty()) add(whole_sql(files.whole()));
  if (!files.lacking().empty()) add(all_columns_sql(files.lacking()));
  return out;
}

model::ColumnValue column_value(const model::Column& column, const engine::Cell& cell) {
  model::ColumnValue value;
  if (cell.is_null()) return value;
  using Kind = model::ColumnValue::Kind;
  switch (column.type) {
    case model::ColumnType::varchar:
    case model::ColumnType::json:
      value.kind = Kind::text;
      value.text = cell.text();
      break;
    case model::ColumnType::boolean:
      value.kind = Kind::boolean;
      value.boolean = cell.boolean();
      break;
    case model::ColumnType::timestamp:
      value.kind = Kind::number;
      value.number = cell.timestamp_us();
      break;
    case model::ColumnType::bigint:
      value.kind = Kind::number;
      value.number = cell.integer();
      break;
  }
  return value;
}

}  // namespace cairn::store
