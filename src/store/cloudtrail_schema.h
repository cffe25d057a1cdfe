// The table of events: which Iceberg columns the lake has, and how SQL gets at them. Made from
// model::columns(); docs/formats/lake.md lists them.
#pragma once

#include "store/schema.h"
#include "store/table.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

inline constexpr std::string_view kRecordPatch = "recordPatch";
inline constexpr std::string_view kResourceArns = "resourceARNs";

/// Columns of the lake in the order of their Parquet leaves.
struct LakeLeaf {
  enum class From : uint8_t { column, record_patch, resource_arns };
  From from = From::column;
  int column = -1;    ///< in model::columns()
  int16_t depth = 0;  ///< structs around it
};

/// The schema, partitioned by day of eventTime and sorted by it.
const TableDefinition& cloudtrail_table();

/// One per leaf of cloudtrail_table().fields.
const std::vector<LakeLeaf>& lake_leaves();

/// Whether the file has every column of the table, as far as its metadata tell: files of older
/// programs, and of others, may lack some.
bool has_all_columns(const DataFile& file);

/// Field id of eventTime, by whose bounds files are pruned.
int32_t event_time_field_id();

/// SQL that puts the record together from the columns of the Parquet files, by a call of
/// `record_function`.
std::string record_sql(std::string_view record_function);

/// SQL that names the columns of read_cloudtrail() as expressions over the columns of the
/// Parquet files, comma separated: `"userIdentity"."arn" AS "userIdentity.arn", …`. eventJson
/// becomes a call of `record_function`, json columns one of `json_function` (see
/// engine/record_function.h). With `only` there are just the columns that it names.
std::string lake_select_list(std::string_view record_function, std::string_view json_function,
                             const std::set<std::string>* only);

}  // namespace cairn::store
