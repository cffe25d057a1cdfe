// Nodes of DuckDB's syntax tree, in the JSON form that json_serialize_sql() gives and
// json_deserialize_sql() takes. Reading a member that is not there gives nothing, never a fault:
// a tree of an unknown shape passes through unchanged.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

using Json = nlohmann::json;

/// What is known of a value's type; enough to translate by, no more.
enum class Kind : uint8_t {
  unknown,
  varchar,
  literal,  ///< a string literal, which takes any type it is compared with
  boolean,
  integer,
  number,
  json,
  map,
  list,
  structure,
  timestamp,
  timestamp_tz,
  date,
  interval,
  ipaddress,
  ipprefix,
  null,
};

/// As Athena names it: "varchar", "timestamp with time zone".
std::string_view name_of(Kind kind);

/// Member `key` of `node`, or nullptr.
Json* member(Json& node, const char* key);
const Json* member(const Json& node, const char* key);
/// Its text, or "".
std::string_view text_at(const Json& node, const char* key);
/// Its elements; an empty array if it is none.
Json& array_at(Json& node, const char* key);
const Json& array_at(const Json& node, const char* key);

inline std::string_view class_of(const Json& node) {
  return text_at(node, "class");
}

/// Byte in the prepared text, or Fault::kNowhere.
size_t location_of(const Json& node);

/// The text of a string literal; nullptr for anything else.
const std::string* string_constant(const Json& node);

bool is_call(const Json& node, std::string_view function);

Json column_ref(const std::vector<std::string>& names);
Json constant(std::string_view text);
Json constant(int64_t number);
Json null_constant();
Json call(std::string_view function, std::vector<Json> arguments);
Json infix(std::string_view symbol, Json left, Json right);
/// `type`: DuckDB's id of a simple type, such as "VARCHAR" or "TIMESTAMP WITH TIME ZONE".
Json cast(Json value, std::string_view type, bool try_cast = false);
/// `type`: OPERATOR_NOT, OPERATOR_IS_NOT_NULL, OPERATOR_COALESCE, ARRAY_EXTRACT, STRUCT_EXTRACT …
Json operation(std::string_view type, std::vector<Json> operands);
/// CASE WHEN condition THEN value ELSE otherwise END
Json choose(Json condition, Json value, Json otherwise);
Json conjunction(std::string_view type, std::vector<Json> operands);
Json select_from_function(std::vector<Json> select_list, std::string_view table_function);
/// A FROM item: (query) AS alias.
Json derived_table(Json query, std::string_view alias);

}  // namespace cairn::lang::athena
