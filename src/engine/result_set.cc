#include "engine/result_set.h"

#include "base/check.h"
#include "base/time.h"
#include "engine/internal/duck.h"
#include "engine/internal/streamed_result.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace cairn::engine {
namespace {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

duckdb_vector vector_of(void* held) {
  return static_cast<duckdb_vector>(held);
}

template <class T>
const T& item(void* vector, uint64_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector_of(vector)))[row];
}

duckdb_type id_of(void* vector) {
  const duck::LogicalType type(duckdb_vector_get_column_type(vector_of(vector)));
  return duckdb_get_type_id(type.get());
}

std::string text_of_duck_value(void* vector, uint64_t row);

std::string hugeint_text(Int128 value) {
  return fmt::format("{}", value);
}

std::string uhugeint_text(Uint128 value) {
  return fmt::format("{}", value);
}

std::string with_point(std::string digits, uint8_t scale) {
  const bool negative = !digits.empty() && digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return negative ? '-' + digits : digits;
}

Int128 to_int128(const duckdb_hugeint& value) {
  return static_cast<Int128>((static_cast<Uint128>(static_cast<uint64_t>(value.upper)) << 64U) |
                             value.lower);
}

std::string decimal_text(void* vector, uint64_t row) {
  const duck::LogicalType type(duckdb_vector_get_column_type(vector_of(vector)));
  const uint8_t scale = duckdb_decimal_scale(type.get());
  switch (duckdb_decimal_internal_type(type.get())) {
    case DUCKDB_TYPE_SMALLINT:
      return with_point(std::to_string(item<int16_t>(vector, row)), scale);
    case DUCKDB_TYPE_INTEGER:
      return with_point(std::to_string(item<int32_t>(vector, row)), scale);
    case DUCKDB_TYPE_BIGINT:
      return with_point(std::to_string(item<int64_t>(vector, row)), scale);
    default:
      return with_point(hugeint_text(to_int128(item<duckdb_hugeint>(vector, row))), scale);
  }
}

std::string interval_text(const duckdb_interval& value) {
  std::string out;
  const auto part = [&](int64_t count, std::string_view unit) {
    if (count != 0)
      out += fmt::format("{}{} {}{}", out.empty() ? "" : " ", count, unit,
                         std::abs(count) == 1 ? "" : "s");
  };
  part(value.months / 12, "year");
  part(value.months % 12, "month");
  part(value.days, "day");
  const int64_t seconds = value.micros / kMicrosPerSecond;
  if (value.micros != 0 || out.empty()) {
    out += fmt::format("{}{:02}:{:02}:{:02}", out.empty() ? "" : " ", seconds / 3600,
                       seconds / 60 % 60, seconds % 60);
    if (value.micros % kMicrosPerSecond != 0)
      out += fmt::format(".{:06}", value.micros % kMicrosPerSecond);
  }
  return out;
}

std::string uuid_text(const duckdb_hugeint& value) {
  // DuckDB flips the top bit, so that its order is that of the text.
  const uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63U);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", upper >> 32U, upper >> 16U & 0xFFFF,
                     upper & 0xFFFF, value.lower >> 48U, value.lower & 0xFFFFFFFFFFFFULL);
}

std::string enum_text(void* vector, uint64_t row) {
  const duck::LogicalType type(duckdb_vector_get_column_type(vector_of(vector)));
  idx_t index = 0;
  switch (duckdb_enum_internal_type(type.get())) {
    case DUCKDB_TYPE_UTINYINT:
      index = item<uint8_t>(vector, row);
      break;
    case DUCKDB_TYPE_USMALLINT:
      index = item<uint16_t>(vector, row);
      break;
    default:
      index = item<uint32_t>(vector, row);
      break;
  }
  const duck::Text name(duckdb_enum_dictionary_value(type.get(), index));
  return name != nullptr ? name.get() : "";
}

std::string text_of_duck_value(void* vector, uint64_t row) {
  switch (id_of(vector)) {
    case DUCKDB_TYPE_UBIGINT:
      return std::to_string(item<uint64_t>(vector, row));
    case DUCKDB_TYPE_HUGEINT:
      return hugeint_text(to_int128(item<duckdb_hugeint>(vector, row)));
    case DUCKDB_TYPE_UHUGEINT: {
      const auto& value = item<duckdb_uhugeint>(vector, row);
      return uhugeint_text((static_cast<Uint128>(value.upper) << 64U) | value.lower);
    }
    case DUCKDB_TYPE_DECIMAL:
      return decimal_text(vector, row);
    case DUCKDB_TYPE_INTERVAL:
      return interval_text(item<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_UUID:
      return uuid_text(item<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_ENUM:
      return enum_text(vector, row);
    default:
      return "?";
  }
}

TypeKind kind_of(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return TypeKind::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
      return TypeKind::integer;
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
      return TypeKind::number;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      return TypeKind::real;
    case DUCKDB_TYPE_VARCHAR: {
      const duck::Text alias(duckdb_logical_type_get_alias(type));
      return alias != nullptr && std::string_view(alias.get()) == "JSON" ? TypeKind::json
                                                                         : TypeKind::varchar;
    }
    case DUCKDB_TYPE_BLOB:
      return TypeKind::blob;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return TypeKind::timestamp;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return TypeKind::timestamp_tz;
    case DUCKDB_TYPE_DATE:
      return TypeKind::date;
    case DUCKDB_TYPE_TIME:
      return TypeKind::time;
    case DUCKDB_TYPE_LIST:
      return TypeKind::list;
    case DUCKDB_TYPE_STRUCT:
      return TypeKind::structure;
    case DUCKDB_TYPE_MAP:
      return TypeKind::map;
    default:
      return TypeKind::other;
  }
}

std::string_view scalar_name(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_ENUM:
      return "ENUM";
    default:
      return "UNKNOWN";
  }
}

Type list_type(duckdb_logical_type type) {
  const duck::LogicalType child(duckdb_list_type_child_type(type));
  Type out{TypeKind::list, {}, {}, {duck::type_of(child.get())}};
  out.sql = out.children[0].sql + "[]";
  return out;
}

Type map_type(duckdb_logical_type type) {
  const duck::LogicalType key(duckdb_map_type_key_type(type));
  const duck::LogicalType value(duckdb_map_type_value_type(type));
  Type out{TypeKind::map, {}, {}, {duck::type_of(key.get()), duck::type_of(value.get())}};
  out.sql = fmt::format("MAP({}, {})", out.children[0].sql, out.children[1].sql);
  return out;
}

Type struct_type(duckdb_logical_type type) {
  Type out{TypeKind::structure, "STRUCT(", {}, {}};
  const idx_t count = duckdb_struct_type_child_count(type);
  for (idx_t i = 0; i < count; ++i) {
    const duck::Text name(duckdb_struct_type_child_name(type, i));
    const duck::LogicalType child(duckdb_struct_type_child_type(type, i));
    out.field_names.emplace_back(name.get());
    out.children.push_back(duck::type_of(child.get()));
    out.sql += fmt::format("{}{} {}", i == 0 ? "" : ", ", name.get(), out.children.back().sql);
  }
  out.sql += ')';
  return out;
}

}  // namespace

Type duck::type_of(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST:
      return list_type(type);
    case DUCKDB_TYPE_MAP:
      return map_type(type);
    case DUCKDB_TYPE_STRUCT:
      return struct_type(type);
    case DUCKDB_TYPE_DECIMAL:
      return {TypeKind::number,
              fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type)),
              {},
              {}};
    default:
      break;
  }
  const TypeKind kind = kind_of(type);
  return {kind,
          std::string(kind == TypeKind::json ? "JSON" : scalar_name(duckdb_get_type_id(type))),
          {},
          {}};
}

bool Cell::is_null() const {
  uint64_t* validity = duckdb_vector_get_validity(vector_of(vector_));
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row_);
}

bool Cell::boolean() const {
  return item<bool>(vector_, row_);
}

int64_t Cell::integer() const {
  switch (id_of(vector_)) {
    case DUCKDB_TYPE_TINYINT:
      return item<int8_t>(vector_, row_);
    case DUCKDB_TYPE_SMALLINT:
      return item<int16_t>(vector_, row_);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
      return item<int32_t>(vector_, row_);
    case DUCKDB_TYPE_UTINYINT:
      return item<uint8_t>(vector_, row_);
    case DUCKDB_TYPE_USMALLINT:
      return item<uint16_t>(vector_, row_);
    case DUCKDB_TYPE_UINTEGER:
      return item<uint32_t>(vector_, row_);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIME:
      return item<int64_t>(vector_, row_);
    default:
      break;
  }
  // sum() of integers is a HUGEINT, which callers want as the number that it is.
  if (id_of(vector_) == DUCKDB_TYPE_HUGEINT)
    return static_cast<int64_t>(to_int128(item<duckdb_hugeint>(vector_, row_)));
  CAIRN_CHECK(id_of(vector_) == DUCKDB_TYPE_UBIGINT);
  return static_cast<int64_t>(item<uint64_t>(vector_, row_));
}

double Cell::real() const {
  return id_of(vector_) == DUCKDB_TYPE_FLOAT ? static_cast<double>(item<float>(vector_, row_))
                                             : item<double>(vector_, row_);
}

std::string_view Cell::text() const {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector_of(vector_)));
  return {duckdb_string_t_data(&strings[row_]), duckdb_string_t_length(strings[row_])};
}

int64_t Cell::timestamp_us() const {
  const int64_t value = item<int64_t>(vector_, row_);
  switch (id_of(vector_)) {
    case DUCKDB_TYPE_TIMESTAMP_S:
      return value * kMicrosPerSecond;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return value * 1000;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return value / 1000;
    default:
      return value;
  }
}

size_t Cell::size() const {
  if (type_->kind == TypeKind::structure) return type_->children.size();
  return item<duckdb_list_entry>(vector_, row_).length;
}

Cell Cell::at(size_t index) const {
  if (type_->kind == TypeKind::structure)
    return {&type_->children[index], duckdb_struct_vector_get_child(vector_of(vector_), index),
            row_};
  const auto& entry = item<duckdb_list_entry>(vector_, row_);
  return {type_->children.data(), duckdb_list_vector_get_child(vector_of(vector_)),
          entry.offset + index};
}

Cell Cell::map_key(size_t index) const {
  const auto& entry = item<duckdb_list_entry>(vector_, row_);
  auto* entries = duckdb_list_vector_get_child(vector_of(vector_));
  return {type_->children.data(), duckdb_struct_vector_get_child(entries, 0), entry.offset + index};
}

Cell Cell::map_value(size_t index) const {
  const auto& entry = item<duckdb_list_entry>(vector_, row_);
  auto* entries = duckdb_list_vector_get_child(vector_of(vector_));
  return {&type_->children[1], duckdb_struct_vector_get_child(entries, 1), entry.offset + index};
}

std::string Cell::to_text() const {
  if (is_null()) return {};
  switch (type_->kind) {
    case TypeKind::boolean:
      return boolean() ? "true" : "false";
    case TypeKind::integer:
      return std::to_string(integer());
    case TypeKind::real:
      return fmt::format("{}", real());
    case TypeKind::varchar:
    case TypeKind::json:
    case TypeKind::blob:
      return std::string(text());
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz: {
      auto iso = format_iso8601(timestamp_us());
      iso[10] = ' ';
      iso.pop_back();
      return iso;
    }
    case TypeKind::date:
      return format_iso8601(integer() * kMicrosPerDay).substr(0, 10);
    case TypeKind::time:
      return format_iso8601(integer()).substr(11, 8);
    case TypeKind::number:
    case TypeKind::other:
      return text_of_duck_value(vector_, row_);
    case TypeKind::list:
    case TypeKind::structure:
    case TypeKind::map:
      break;
  }
  return "?";
}

ResultSet::ResultSet(std::unique_ptr<State> state) : state_(std::move(state)) {
  auto& result = state_->result.value;
  const auto count = duckdb_column_count(&result);
  for (idx_t i = 0; i < count; ++i) {
    const duck::LogicalType type(duckdb_column_logical_type(&result, i));
    state_->columns.push_back({duckdb_column_name(&result, i), duck::type_of(type.get())});
  }
}

ResultSet::ResultSet(ResultSet&&) noexcept = default;
ResultSet& ResultSet::operator=(ResultSet&&) noexcept = default;
ResultSet::~ResultSet() = default;

const std::vector<ResultColumn>& ResultSet::columns() const {
  return state_->columns;
}

namespace {

/// About what a cell takes in any form of output.
uint64_t bytes_of(const Cell& cell) {
  constexpr uint64_t kPlain = 8;
  if (cell.is_null()) return 1;
  switch (cell.kind()) {
    case TypeKind::varchar:
    case TypeKind::json:
    case TypeKind::blob:
      return 1 + cell.text().size();
    case TypeKind::list:
    case TypeKind::structure: {
      uint64_t sum = kPlain;
      for (size_t i = 0; i < cell.size(); ++i) sum += bytes_of(cell.at(i));
      return sum;
    }
    case TypeKind::map: {
      uint64_t sum = kPlain;
      for (size_t i = 0; i < cell.size(); ++i)
        sum += bytes_of(cell.map_key(i)) + bytes_of(cell.map_value(i));
      return sum;
    }
    default:
      return kPlain;
  }
}

}  // namespace

Result<bool> ResultSet::next() {
  while (!state_->ended) {
    state_->chunk.reset(duckdb_fetch_chunk(state_->result.value));
    if (state_->chunk == nullptr) {
      state_->rows = 0;
      state_->ended = true;
      if (duckdb_result_error(&state_->result.value) == nullptr) return false;
      auto error = duck::error_of(state_->result.value);
      return state_->retell ? state_->retell(std::move(error)) : std::move(error);
    }
    state_->rows = duckdb_data_chunk_get_size(state_->chunk.get());
    if (state_->rows == 0) continue;
    CAIRN_TRY(count_rows());
    return true;
  }
  return false;
}

void ResultSet::limit(uint64_t rows_max, uint64_t bytes_max) {
  state_->rows_max = rows_max;
  state_->bytes_max = bytes_max;
}

Status ResultSet::count_rows() {
  auto& state = *state_;
  state.rows_given += state.rows;
  if (state.bytes_max > 0)
    for (size_t column = 0; column < state.columns.size(); ++column)
      for (size_t row = 0; row < state.rows; ++row)
        state.bytes_given += bytes_of(cell(column, row));
  const bool many = state.rows_max > 0 && state.rows_given > state.rows_max;
  const bool large = state.bytes_max > 0 && state.bytes_given > state.bytes_max;
  if (!many && !large) return {};
  state.rows = 0;
  state.ended = true;
  return Error{
      ErrorKind::exhausted,
      fmt::format("the answer has more than {} {}, which is the limit\nhint: ask for fewer "
                  "columns, or aggregate, or set a LIMIT",
                  many ? state.rows_max : state.bytes_max, many ? "rows" : "bytes")};
}

void ResultSet::retell_errors(std::function<Error(Error)> retell) {
  state_->retell = std::move(retell);
}

size_t ResultSet::rows() const {
  return state_->rows;
}

Cell ResultSet::cell(size_t column, size_t row) const {
  return {&state_->columns[column].type, duckdb_data_chunk_get_vector(state_->chunk.get(), column),
          row};
}

}  // namespace cairn::engine
