#include "ingest/encode.h"

#include "model/columns.h"
#include "store/cloudtrail_schema.h"

#include <fmt/format.h>

namespace cairn::ingest {
namespace {

using store::LakeLeaf;
using Kind = model::ColumnValue::Kind;

void append(parquet::ColumnBuilder& column, const model::ColumnValue& value) {
  switch (value.kind) {
    case Kind::null:
      column.append_null(value.parents);
      return;
    case Kind::text:
      column.append(value.text);
      return;
    case Kind::boolean:
      column.append_bool(value.boolean);
      return;
    case Kind::number:
      column.append_int(value.number);
      return;
  }
}

}  // namespace

RowGroupEncoder::RowGroupEncoder() {
  for (auto& leaf : parquet::leaves_of(store::cloudtrail_table().fields))
    columns_.emplace_back(std::move(leaf), parquet::EncodingOptions{});
}

void RowGroupEncoder::add(std::span<const model::ColumnValue> values, std::string_view patch,
                          std::span<const std::string_view> resource_arns) {
  const auto& leaves = store::lake_leaves();
  for (size_t i = 0; i < leaves.size(); ++i) {
    auto& column = columns_[i];
    switch (leaves[i].from) {
      case LakeLeaf::From::column:
        append(column, values[static_cast<size_t>(leaves[i].column)]);
        break;
      case LakeLeaf::From::record_patch:
        patch.empty() ? column.append_null(0) : column.append(patch);
        break;
      case LakeLeaf::From::resource_arns:
        resource_arns.empty() ? column.append_null(0) : column.append_list(resource_arns);
        break;
    }
  }
  ++rows_;
}

Result<std::vector<parquet::EncodedColumn>> RowGroupEncoder::finish() {
  std::vector<parquet::EncodedColumn> encoded;
  for (auto& column : columns_) {
    auto made = CAIRN_TRY(column.finish());
    encoded.push_back(std::move(made));
  }
  rows_ = 0;
  return encoded;
}

size_t RowGroupEncoder::bytes() const {
  size_t bytes = 0;
  for (const auto& column : columns_) bytes += column.bytes();
  return bytes;
}

Result<std::vector<parquet::EncodedColumn>> RowGroupEncoder::encode(
    std::span<const Event> events, std::span<const std::string> names) {
  static const auto kSourceFile = static_cast<size_t>(model::find_column("sourceFile"));
  static const auto kRecordNumber = static_cast<size_t>(model::find_column("recordNumber"));
  for (const auto& event : events) {
    splitter_.split(event.record, event.time_us);
    values_.assign(splitter_.values().begin(), splitter_.values().end());
    values_[kSourceFile] = {.kind = Kind::text, .text = names[event.object]};
    values_[kRecordNumber] = {.kind = Kind::number, .number = event.number};
    add(values_, splitter_.patch(), splitter_.resource_arns());
  }
  return finish();
}

Result<EncodedFile> assemble(std::vector<RowGroup> groups) {
  EncodedFile made;
  const auto& definition = store::cloudtrail_table();
  const auto leaves = parquet::leaves_of(definition.fields);
  parquet::FileOptions options;
  for (size_t i = 0; i < leaves.size(); ++i)
    if (leaves[i].field.id == definition.sort_field_id) options.sorted_by = {static_cast<int>(i)};
  parquet::FileWriter writer(definition.fields, std::move(options), [&](std::string_view bytes) {
    made.bytes.append(bytes);
    return Status{};
  });
  for (auto& group : groups) CAIRN_TRY(writer.add_row_group(std::move(group.columns), group.rows));
  const auto statistics = CAIRN_TRY(writer.finish());
  auto& file = made.file;
  file.rows = statistics.rows;
  file.size_bytes = static_cast<int64_t>(statistics.bytes);
  file.split_offsets = statistics.row_group_offsets;
  file.sort_order_id = 1;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const auto& leaf = leaves[i].field;
    const int32_t id = leaf.list ? leaf.element_id : leaf.id;
    const auto& column = statistics.columns[i];
    file.column_sizes[id] = column.bytes;
    file.value_counts[id] = column.values;
    file.null_counts[id] = column.nulls;
    if (column.min && !leaf.list) file.lower_bounds[id] = *column.min;
    if (column.max && !leaf.list) file.upper_bounds[id] = *column.max;
  }
  return made;
}

}  // namespace cairn::ingest
