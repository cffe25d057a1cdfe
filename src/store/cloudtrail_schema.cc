#include "store/cloudtrail_schema.h"

#include "base/check.h"
#include "model/columns.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::store {
namespace {

constexpr int32_t kRecordPatchId = 151;
constexpr int32_t kResourceArnsId = 152;
constexpr int32_t kResourceArnsElementId = 153;

/// eventTime as the record wrote it: what the patch says, or the usual form. split() patches it
/// before anything else.
constexpr std::string_view kEventTimeText =
    "CASE WHEN recordPatch IS NULL THEN strftime(eventTime, '%Y-%m-%dT%H:%M:%SZ') "
    "WHEN starts_with(recordPatch, '{\"set\":[[[\"eventTime\"],') "
    "THEN json_extract_string(recordPatch, '$.set[0][1]') "
    "WHEN json_contains(coalesce(json_extract(recordPatch, '$.drop'), '[]'), '\"eventTime\"') "
    "THEN NULL ELSE strftime(eventTime, '%Y-%m-%dT%H:%M:%SZ') END";

/// Ids of the structs, by path. Never to be changed or used again.
constexpr std::array<std::pair<std::string_view, int32_t>, 10> kStructIds{{
    {"userIdentity", 201},
    {"userIdentity.sessionContext", 202},
    {"userIdentity.sessionContext.sessionIssuer", 203},
    {"userIdentity.sessionContext.attributes", 204},
    {"userIdentity.sessionContext.webIdFederationData", 205},
    {"userIdentity.invokedByDelegate", 206},
    {"userIdentity.onBehalfOf", 207},
    {"userIdentity.inScopeOf", 208},
    {"tlsDetails", 209},
    {"addendum", 210},
}};

/// Columns in which one value is looked for among millions.
constexpr std::array<std::string_view, 7> kNeedles{
    "eventID",
    "requestID",
    "sourceIPAddress",
    "userIdentity.principalId",
    "userIdentity.arn",
    "userIdentity.accessKeyId",
    "userIdentity.sessionContext.sessionIssuer.arn",
};

int32_t struct_id(std::string_view path) {
  const auto* const found = std::find_if(kStructIds.begin(), kStructIds.end(),
                                         [&](const auto& known) { return known.first == path; });
  CAIRN_CHECK(found != kStructIds.end());
  return found->second;
}

parquet::Type type_of(model::ColumnType type) {
  switch (type) {
    case model::ColumnType::varchar:
    case model::ColumnType::json:
      return parquet::Type::string;
    case model::ColumnType::boolean:
      return parquet::Type::boolean;
    case model::ColumnType::timestamp:
      return parquet::Type::timestamp_us;
    case model::ColumnType::bigint:
      return parquet::Type::int64;
  }
  return parquet::Type::string;
}

void add(Fields& fields, const model::Column& column) {
  std::string_view rest = column.name;
  Fields* level = &fields;
  for (size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    const std::string name(rest.substr(0, dot));
    rest.remove_prefix(dot + 1);
    auto at = std::find_if(level->begin(), level->end(),
                           [&](const parquet::Field& field) { return field.name == name; });
    if (at == level->end()) {
      const auto path = column.name.substr(0, column.name.size() - rest.size() - 1);
      at = level->insert(level->end(), parquet::Field{.name = name, .id = struct_id(path)});
    }
    level = &at->children;
  }
  level->push_back(parquet::Field{
      .name = std::string(rest),
      .id = column.lake_id,
      .type = type_of(column.type),
      .bloom = std::find(kNeedles.begin(), kNeedles.end(), column.name) != kNeedles.end()});
}

TableDefinition make_definition() {
  TableDefinition made;
  for (const auto& column : model::columns())
    if (column.lake_id != 0) add(made.fields, column);
  made.fields.push_back(
      parquet::Field{.name = std::string(kRecordPatch), .id = kRecordPatchId, .type = {}});
  made.fields.push_back(parquet::Field{.name = std::string(kResourceArns),
                                       .id = kResourceArnsId,
                                       .type = {},
                                       .list = true,
                                       .element_id = kResourceArnsElementId,
                                       .bloom = true});
  for (auto& field : made.fields)
    if (field.id == kRecordPatchId || field.id == kResourceArnsId)
      field.type = parquet::Type::string;
  made.sort_field_id = event_time_field_id();
  made.partition = {PartitionField{.source_id = event_time_field_id(),
                                   .field_id = 1000,
                                   .transform = PartitionField::Transform::day,
                                   .name = "eventTime_day"}};
  made.properties = {{"write.parquet.compression-codec", "zstd"}};
  return made;
}

std::vector<LakeLeaf> make_leaves() {
  std::vector<LakeLeaf> made;
  for (const auto& leaf : parquet::leaves_of(cloudtrail_table().fields)) {
    if (leaf.field.id == kRecordPatchId) {
      made.push_back({.from = LakeLeaf::From::record_patch});
    } else if (leaf.field.id == kResourceArnsId) {
      made.push_back({.from = LakeLeaf::From::resource_arns});
    } else {
      const auto all = model::columns();
      const auto at = std::find_if(all.begin(), all.end(), [&](const model::Column& column) {
        return column.lake_id == leaf.field.id;
      });
      made.push_back({.column = static_cast<int>(at - all.begin()),
                      .depth = static_cast<int16_t>(leaf.path.size() - 1)});
    }
  }
  return made;
}

}  // namespace

const TableDefinition& cloudtrail_table() {
  static const TableDefinition kDefinition = make_definition();
  return kDefinition;
}

const std::vector<LakeLeaf>& lake_leaves() {
  static const std::vector<LakeLeaf> kLeaves = make_leaves();
  return kLeaves;
}

bool has_all_columns(const DataFile& file) {
  static const auto kLeaves = parquet::leaves_of(cloudtrail_table().fields);
  return std::all_of(kLeaves.begin(), kLeaves.end(), [&](const parquet::Leaf& leaf) {
    return file.value_counts.contains(leaf.field.list ? leaf.field.element_id : leaf.field.id);
  });
}

int32_t event_time_field_id() {
  return model::columns()[static_cast<size_t>(model::find_column("eventTime"))].lake_id;
}

std::string record_sql(std::string_view record_function) {
  std::string record = fmt::format("{}({}", record_function, kRecordPatch);
  for (const auto& column : model::columns())
    if (column.lake_id != 0) record += ", " + column_path(column.name);
  return record + ')';
}

std::string lake_select_list(std::string_view record_function, std::string_view json_function,
                             const std::set<std::string>* only) {
  std::string out;
  for (const auto& column : model::columns()) {
    if (only != nullptr && !only->contains(std::string(column.name))) continue;
    std::string expression = column_path(column.name);
    if (column.name == "eventJson")
      expression = record_sql(record_function);
    else if (column.name == "eventTimeText")
      expression = kEventTimeText;
    else if (column.type == model::ColumnType::json)
      expression = fmt::format("{}({})", json_function, expression);
    fmt::format_to(std::back_inserter(out), "{}{} AS \"{}\"", out.empty() ? "" : ", ", expression,
                   column.name);
  }
  return out;
}

}  // namespace cairn::store
