// The one table of CloudTrail columns: name, type, place in the record, meaning. The table function
// read_cloudtrail(), the SQL views, the spell-check of column names and the manual all read it.
// Source of the facts: AWS CloudTrail User Guide, "CloudTrail record contents" (eventVersion 1.11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cairn::model {

enum class ColumnType : uint8_t {
  varchar,
  boolean,    ///< JSON true/false, and the strings "true"/"false" that exports write
  timestamp,  ///< UTC, microseconds since 1970
  json,       ///< JSON text of the value as it stands in the record; JSON null and absent are NULL
  bigint,
};

/// One physical column of read_cloudtrail(). Those with a dot in their name are the leaves of the
/// structs that the SQL views show (`userIdentity.arn` is the column of that very name).
struct Column {
  std::string_view name;
  ColumnType type;
  std::string_view doc;  ///< one line for the manual
  /// Iceberg field id in the lake, never to be changed or used again; 0: not stored, but made of
  /// what is.
  int16_t lake_id = 0;
};

/// In the order in which `SELECT *` shows them; leaves of one struct stand together.
std::span<const Column> columns();

/// Index in columns(), or -1. Case-insensitive, as SQL names are.
int find_column(std::string_view name);

}  // namespace cairn::model
