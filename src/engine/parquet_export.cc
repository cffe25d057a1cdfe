#include "engine/parquet_export.h"

#include "base/sql_text.h"
#include "base/text.h"
#include "engine/database.h"
#include "model/columns.h"
#include "source/byte_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace cairn::engine {
namespace {

/// The record's spelling of a member that an export may have lower-cased, within the struct
/// `parent` ("" at the top).
std::string canonical_name(std::string_view parent, std::string_view name) {
  for (const auto& column : model::columns()) {
    auto path = column.name;
    if (!parent.empty()) {
      if (path.size() <= parent.size() || path[parent.size()] != '.' ||
          path.substr(0, parent.size()) != parent)
        continue;
      path.remove_prefix(parent.size() + 1);
    }
    const auto segment = path.substr(0, path.find('.'));
    if (equals_ignoring_case(segment, name)) return std::string(segment);
  }
  return std::string(name);
}

bool is_json_column(std::string_view path) {
  const int index = model::find_column(path);
  return index >= 0 && model::columns()[static_cast<size_t>(index)].type == model::ColumnType::json;
}

std::string json_expression(const Type& type, const std::string& value, const std::string& path);

std::string struct_expression(const Type& type, const std::string& value, const std::string& path) {
  std::string fields;
  for (size_t i = 0; i < type.children.size(); ++i) {
    const auto name = canonical_name(path, type.field_names[i]);
    const auto child = fmt::format("{}.{}", value, sql_name(type.field_names[i]));
    fields += fmt::format("{}{}: {}", i == 0 ? "" : ", ", sql_literal(name),
                          json_expression(type.children[i], child, path + "." + name));
  }
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE {{{}}} END", value, fields);
}

// The records' own spelling within `resources`, which is a list of structs in exports.
std::string resources_expression(const Type& element) {
  std::string fields;
  for (size_t i = 0; i < element.field_names.size(); ++i) {
    std::string name = element.field_names[i];
    for (const std::string_view known : {"ARN", "ARNPrefix", "accountId", "type"})
      if (equals_ignoring_case(name, known)) name = known;
    fields += fmt::format("{}{}: r.{}", i == 0 ? "" : ", ", sql_literal(name),
                          sql_name(element.field_names[i]));
  }
  return fields;
}

// SQL that gives `value` in the shape that it has in a record.
std::string json_expression(const Type& type, const std::string& value, const std::string& path) {
  if (type.kind == TypeKind::structure) return struct_expression(type, value, path);
  if (type.kind == TypeKind::timestamp || type.kind == TypeKind::timestamp_tz)
    return fmt::format("strftime({}, '%Y-%m-%dT%H:%M:%SZ')", value);
  if (path == "resources" && type.kind == TypeKind::list &&
      type.children[0].kind == TypeKind::structure)
    return fmt::format("list_transform({}, lambda r: {{{}}})", value,
                       resources_expression(type.children[0]));
  return value;
}

// SQL that gives a top-level column as JSON text. Text that is JSON already stays as it is, to the
// last digit.
std::string member_expression(const ResultColumn& column, const std::string& name) {
  const auto value = sql_name(column.name);
  auto made =
      fmt::format("CAST(to_json({}) AS VARCHAR)", json_expression(column.type, value, name));
  const bool text = column.type.kind == TypeKind::varchar || column.type.kind == TypeKind::json;
  if (!text || !is_json_column(name)) return made;
  return fmt::format("CASE WHEN json_valid({0}) THEN CAST({0} AS VARCHAR) ELSE {1} END", value,
                     made);
}

Result<std::string> row_query(const ResultSet& sample, const std::string& file) {
  std::string members;
  bool timed = false;
  for (const auto& column : sample.columns()) {
    if (equals_ignoring_case(column.name, "eventJson"))
      return fmt::format("SELECT {} FROM {}", sql_name(column.name), file);
    const auto name = canonical_name("", column.name);
    timed = timed || name == "eventTime" || name == "eventData";
    members += fmt::format("{}{} || coalesce({}, 'null')", members.empty() ? "" : " || ',' || ",
                           sql_literal("\"" + name + "\":"), member_expression(column, name));
  }
  if (!timed)
    return Error{ErrorKind::invalid_argument,
                 "a Parquet file with neither a column eventJson nor eventTime"};
  return fmt::format("SELECT '{{' || {} || '}}' FROM {}", members, file);
}

class RowStream final : public source::ByteStream {
 public:
  RowStream(Connection connection, ResultSet rows)
      : connection_(std::move(connection)), rows_(std::move(rows)) {}

  Result<size_t> read(char* out, size_t max) override {
    while (at_ == line_.size()) {
      while (row_ == rows_.rows()) {
        row_ = 0;
        const bool more = CAIRN_TRY(rows_.next());
        if (!more) return size_t{0};
      }
      const auto cell = rows_.cell(0, row_++);
      line_ = cell.is_null() ? std::string() : std::string(cell.text());
      // A pretty-printed record would be taken for several lines.
      std::replace(line_.begin(), line_.end(), '\n', ' ');
      line_ += '\n';
      at_ = 0;
    }
    const size_t count = std::min(max, line_.size() - at_);
    std::memcpy(out, line_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  Connection connection_;
  ResultSet rows_;
  size_t row_ = 0;
  std::string line_;
  size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<source::ByteStream>> open_parquet(const std::string& path) {
  auto database =
      CAIRN_TRY(Database::open({.threads = 1, .memory_max_bytes = 200'000'000, .temp_folder = {}}));
  auto connection = CAIRN_TRY(database.connect());
  const auto file = fmt::format("read_parquet({})", sql_literal(path));
  std::string query;
  {
    auto sample = connection.query(fmt::format("SELECT * FROM {} LIMIT 0", file));
    if (!sample.ok())
      return Error{ErrorKind::corrupt,
                   fmt::format("damaged Parquet file: {}", sample.error().message())};
    query = CAIRN_TRY(row_query(sample.value(), file));
  }
  auto rows = CAIRN_TRY(connection.query(query));
  return std::unique_ptr<source::ByteStream>(
      std::make_unique<RowStream>(std::move(connection), std::move(rows)));
}

}  // namespace cairn::engine
