// Schema of an Iceberg table, as far as cairn makes and reads it: optional scalars, structs, and
// lists of scalars. Source: Apache Iceberg table specification, version 2.
#pragma once

#include "parquet/schema.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::store {

/// Field ids, names and types are those of the Parquet files, so the same tree serves both.
using Fields = std::vector<parquet::Field>;

/// One partition field: the day of a timestamp column, or a column as it is.
struct PartitionField {
  enum class Transform : uint8_t { day, identity };
  int32_t source_id = 0;
  int32_t field_id = 1000;
  Transform transform = Transform::day;
  std::string name;
};

}  // namespace cairn::store
