// Predicates as SQL.
#include "base/sql_text.h"
#include "lang/athena/json_path.h"
#include "lang/predicate.h"
#include "model/columns.h"

#include <fmt/format.h>

#include <optional>

namespace cairn::lang {
namespace {

/// RFC 6901: unlike DuckDB's JSON paths it can say any name.
std::string json_pointer(const FieldPath& path, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to; ++i) out += athena::pointer_step(path[i].name);
  return out;
}

/// The test of one text; NULL for NULL.
std::string text_test(const Predicate& leaf, const std::string& text) {
  if (leaf.kind == Predicate::Kind::equals) {
    const auto list = sql_list(leaf.values);
    return list.empty() ? "false" : fmt::format("{} IN ({})", text, list);
  }
  const auto* const function =
      leaf.kind == Predicate::Kind::starts_with ? "starts_with" : "ends_with";
  std::string out;
  for (const auto& value : leaf.values)
    out +=
        fmt::format("{}{}({}, {})", out.empty() ? "" : " OR ", function, text, sql_literal(value));
  return out.empty() ? "false" : "(" + out + ")";
}

/// json_extract_path() is DuckDB's json_extract() by a name that Athena has not got.
///
/// The test below the JSON value `json`, from step `from` of the path on. `element`: how many lists
/// deep we are.
std::string json_test(const Predicate& leaf, const std::string& json, size_t from, int element) {
  size_t to = from;
  while (to < leaf.path.size() && !leaf.path[to].each) ++to;
  const bool list = to < leaf.path.size();
  if (list) ++to;
  const auto value = to == from ? json
                                : fmt::format("json_extract_path({}, {})", json,
                                              sql_literal(json_pointer(leaf.path, from, to)));
  if (list) {
    const auto variable = fmt::format("e{}", element);
    return fmt::format("len(list_filter(json_extract_path({}, '$[*]'), lambda {}: {})) > 0", value,
                       variable, json_test(leaf, variable, to, element + 1));
  }
  return fmt::format("coalesce(json_type({0}) NOT IN ('OBJECT', 'ARRAY', 'NULL') AND {1}, false)",
                     value, text_test(leaf, fmt::format("json_extract_path_text({}, '$')", value)));
}

/// The column that the first steps of the path mean.
struct ColumnStart {
  std::string_view name{};
  model::ColumnType type = model::ColumnType::json;
  size_t steps = 0;
};

std::optional<ColumnStart> find_start(const FieldPath& path) {
  std::optional<ColumnStart> found;
  std::string name;
  for (size_t i = 0; i < path.size(); ++i) {
    name += (i == 0 ? "" : ".") + path[i].name;
    const bool whole = i + 1 == path.size() && !path[i].each;
    for (const auto& column : model::columns()) {
      if (column.name != name || column.name == "eventJson" || column.name == "otherFields")
        continue;
      const bool json = column.type == model::ColumnType::json;
      const bool text =
          column.type == model::ColumnType::varchar || column.type == model::ColumnType::boolean;
      if (json || (text && whole))
        found = ColumnStart{.name = column.name, .type = column.type, .steps = i + 1};
    }
    if (path[i].each) break;
  }
  return found;
}

std::string leaf_sql(const Predicate& leaf) {
  const auto start = find_start(leaf.path);
  if (leaf.path.size() == 1 && leaf.path.front() == FieldStep{.name = "eventTime"})
    return fmt::format("coalesce({}, false)", text_test(leaf, "eventTimeText"));
  if (!start) return "coalesce(" + json_test(leaf, "eventJson", 0, 1) + ", false)";
  const std::string column(start->name);
  if (start->type == model::ColumnType::varchar)
    return fmt::format("coalesce({}, false)", text_test(leaf, column));
  if (start->type == model::ColumnType::boolean)
    return fmt::format("coalesce({}, false)",
                       text_test(leaf, fmt::format("CAST({} AS VARCHAR)", column)));
  // What is left of the path begins within the column; a list at its root is the column itself.
  if (leaf.path[start->steps - 1].each)
    return fmt::format(
        "coalesce(len(list_filter(json_extract_path({}, '$[*]'), lambda e1: {})) > 0, false)",
        column, json_test(leaf, "e1", start->steps, 2));
  return "coalesce(" + json_test(leaf, column, start->steps, 1) + ", false)";
}

}  // namespace

std::string to_sql(const Predicate& predicate) {
  const auto joined = [&](std::string_view word, std::string_view none) {
    std::string out;
    for (const auto& part : predicate.parts)
      out += fmt::format("{}{}", out.empty() ? "" : word, to_sql(part));
    return out.empty() ? std::string(none) : "(" + out + ")";
  };
  switch (predicate.kind) {
    case Predicate::Kind::all:
      return joined(" AND ", "true");
    case Predicate::Kind::any:
      return joined(" OR ", "false");
    case Predicate::Kind::negation:
      return "(NOT " + to_sql(predicate.parts.front()) + ")";
    case Predicate::Kind::equals:
    case Predicate::Kind::starts_with:
    case Predicate::Kind::ends_with:
      return leaf_sql(predicate);
  }
  return "false";
}

}  // namespace cairn::lang
