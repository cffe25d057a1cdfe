// Iceberg schemas and partition specs as JSON. Source: table specification, appendix C.
#pragma once

#include "base/result.h"
#include "store/internal/metadata.h"
#include "store/schema.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace cairn::store {

/// Returns an error of kind `corrupt` that says what is wrong with a table's metadata.
Error metadata_error(std::string_view what);

nlohmann::json field_to_json(const parquet::Field& field);
nlohmann::json schema_to_json(const Fields& fields, int32_t schema_id);
/// The fields that cairn knows the types of.
Result<Fields> fields_from_json(const nlohmann::json& schema);
Result<PartitionSpec> spec_from_json(const nlohmann::json& spec);
nlohmann::json spec_fields_to_json(const std::vector<PartitionField>& fields);
int32_t largest_id(const Fields& fields);

/// Adds the fields of `wanted` that `schema` (a struct's JSON) lacks; true if any was added.
Result<bool> add_fields(nlohmann::json& schema, const Fields& wanted);

/// A member of a JSON object, or `corrupt` with its name.
Result<int64_t> need_integer(const nlohmann::json& object, const char* name);
/// One that fits 32 bits, as ids do.
Result<int32_t> need_id(const nlohmann::json& object, const char* name);
Result<std::string> need_text(const nlohmann::json& object, const char* name);
Result<const nlohmann::json*> need_array(const nlohmann::json& object, const char* name);

}  // namespace cairn::store
