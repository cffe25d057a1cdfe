#include "engine/record_function.h"

#include "engine/internal/duck.h"
#include "model/columns.h"
#include "model/record_parts.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace cairn::engine {
namespace {

using ScalarFunction = duck::Owned<duckdb_scalar_function, duckdb_destroy_scalar_function>;

/// Indices in model::columns() of the function's arguments from the second on.
std::vector<size_t> stored_columns() {
  std::vector<size_t> stored;
  for (size_t i = 0; i < model::columns().size(); ++i)
    if (model::columns()[i].lake_id != 0) stored.push_back(i);
  return stored;
}

struct Argument {
  void* data = nullptr;
  uint64_t* validity = nullptr;

  bool is_null(idx_t row) const {
    return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
  }

  std::string_view text(idx_t row) const {
    auto& text = static_cast<duckdb_string_t*>(data)[row];
    return {duckdb_string_t_data(&text), duckdb_string_t_length(text)};
  }
};

Argument argument(duckdb_data_chunk input, idx_t index) {
  auto* vector = duckdb_data_chunk_get_vector(input, index);
  return {duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
}

model::ColumnValue value_of(const model::Column& column, const Argument& from, idx_t row) {
  model::ColumnValue value;
  if (from.is_null(row)) return value;
  switch (column.type) {
    case model::ColumnType::varchar:
    case model::ColumnType::json:
      value.kind = model::ColumnValue::Kind::text;
      value.text = from.text(row);
      break;
    case model::ColumnType::boolean:
      value.kind = model::ColumnValue::Kind::boolean;
      value.boolean = static_cast<bool*>(from.data)[row];
      break;
    case model::ColumnType::timestamp:
    case model::ColumnType::bigint:
      value.kind = model::ColumnValue::Kind::number;
      value.number = static_cast<int64_t*>(from.data)[row];
      break;
  }
  return value;
}

void run(duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
  const auto stored = stored_columns();
  const auto patch = argument(input, 0);
  std::vector<Argument> arguments;
  for (size_t i = 0; i < stored.size(); ++i) arguments.push_back(argument(input, i + 1));
  std::vector<model::ColumnValue> values(model::columns().size());
  std::string record;
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < stored.size(); ++i)
      values[stored[i]] = value_of(model::columns()[stored[i]], arguments[i], row);
    record.clear();
    model::append_record(record, values, patch.is_null(row) ? "" : patch.text(row));
    duckdb_vector_assign_string_element_len(output, row, record.data(), record.size());
  }
}

duckdb_type type_id(model::ColumnType type) {
  switch (type) {
    case model::ColumnType::varchar:
    case model::ColumnType::json:
      return DUCKDB_TYPE_VARCHAR;
    case model::ColumnType::boolean:
      return DUCKDB_TYPE_BOOLEAN;
    case model::ColumnType::timestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case model::ColumnType::bigint:
      return DUCKDB_TYPE_BIGINT;
  }
  return DUCKDB_TYPE_VARCHAR;
}

void add_parameter(duckdb_scalar_function function, duckdb_type id) {
  const duck::LogicalType type(duckdb_create_logical_type(id));
  duckdb_scalar_function_add_parameter(function, type.get());
}

}  // namespace

Status register_lake_functions(Connection& connection) {
  const duck::LogicalType json(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_logical_type_set_alias(json.get(), "JSON");
  const auto add = [&](const ScalarFunction& function, std::string_view name) -> Status {
    duckdb_scalar_function_set_name(function.get(), std::string(name).c_str());
    duckdb_scalar_function_set_return_type(function.get(), json.get());
    duckdb_scalar_function_set_special_handling(function.get());  // NULL arguments come to us
    if (duckdb_register_scalar_function(connection.state().handle.get(), function.get()) ==
        DuckDBSuccess)
      return {};
    return Error{ErrorKind::internal, fmt::format("DuckDB does not take the function {}()", name)};
  };
  const ScalarFunction record(duckdb_create_scalar_function());
  add_parameter(record.get(), DUCKDB_TYPE_VARCHAR);
  for (const size_t column : stored_columns())
    add_parameter(record.get(), type_id(model::columns()[column].type));
  duckdb_scalar_function_set_function(record.get(), run);
  CAIRN_TRY(add(record, kRecordFunction));
  const ScalarFunction as_json(duckdb_create_scalar_function());
  add_parameter(as_json.get(), DUCKDB_TYPE_VARCHAR);
  duckdb_scalar_function_set_function(
      as_json.get(),
      [](duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
        duckdb_vector_reference_vector(output, duckdb_data_chunk_get_vector(input, 0));
      });
  return add(as_json, kJsonFunction);
}

}  // namespace cairn::engine
