#include "base/text.h"
#include "lang/athena/formats.h"
#include "lang/athena/functions.h"
#include "lang/athena/internal/rewriter.h"
#include "lang/athena/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::lang::athena {
namespace {

std::vector<Json> take_children(Json& node) {
  std::vector<Json> out;
  for (auto& child : array_at(node, "children")) out.push_back(std::move(child));
  return out;
}

std::vector<Json> list_of(Json a) {
  std::vector<Json> out;
  out.push_back(std::move(a));
  return out;
}

std::vector<Json> list_of(Json a, Json b) {
  auto out = list_of(std::move(a));
  out.push_back(std::move(b));
  return out;
}

struct Unit {
  std::string_view name;
  std::string_view interval;  ///< DuckDB's constructor
  std::string_view count_type;
};

constexpr std::array kUnits{
    Unit{"millisecond", "to_milliseconds", "DOUBLE"},
    Unit{"second", "to_seconds", "DOUBLE"},
    Unit{"minute", "to_minutes", "BIGINT"},
    Unit{"hour", "to_hours", "BIGINT"},
    Unit{"day", "to_days", "INTEGER"},
    Unit{"week", "to_weeks", "INTEGER"},
    Unit{"month", "to_months", "INTEGER"},
    Unit{"quarter", "to_quarters", "INTEGER"},
    Unit{"year", "to_years", "INTEGER"},
};

const Unit* find_unit(const std::string* name) {
  if (name == nullptr) return nullptr;
  for (const auto& unit : kUnits)
    if (equals_ignoring_case(unit.name, *name)) return &unit;
  return nullptr;
}

constexpr std::string_view kUnitHint =
    "units are millisecond, second, minute, hour, day, week, month, quarter and year";

/// Replaces references to a lambda's parameter by `replacement`.
void substitute(Json& node, const std::string& name, const Json& replacement, int depth) {
  if (depth > 400) return;
  if (node.is_array()) {
    for (auto& child : node) substitute(child, name, replacement, depth + 1);
    return;
  }
  if (!node.is_object()) return;
  if (class_of(node) == "COLUMN_REF") {
    const Json& names = array_at(std::as_const(node), "column_names");
    if (names.empty() || !names[0].is_string() ||
        !equals_ignoring_case(names[0].get<std::string>(), name))
      return;
    Json value = replacement;
    for (size_t i = 1; i < names.size(); ++i)
      if (names[i].is_string())
        value = operation("STRUCT_EXTRACT",
                          list_of(std::move(value), constant(names[i].get<std::string>())));
    node = std::move(value);
    return;
  }
  for (auto& [key, child] : node.items())
    if (child.is_structured()) substitute(child, name, replacement, depth + 1);
}

Json lambda(const std::string& name, Json body) {
  Json node = {{"class", "LAMBDA"}, {"type", "LAMBDA"}, {"alias", ""}};
  node["query_location"] = UINT64_MAX;
  node["lhs"] = column_ref({name});
  node["expr"] = std::move(body);
  return node;
}

}  // namespace

void Rewriter::need_macro(std::string_view name) {
  const Macro* found = find_macro(name);
  if (found == nullptr) return;
  if (std::find(out_.macros.begin(), out_.macros.end(), found->name) != out_.macros.end()) return;
  std::string_view needs = found->needs;
  while (!needs.empty()) {
    const size_t blank = std::min(needs.find(' '), needs.size());
    need_macro(needs.substr(0, blank));
    needs.remove_prefix(std::min(blank + 1, needs.size()));
  }
  out_.macros.push_back(found->name);
}

Json Rewriter::macro(std::string_view name, std::vector<Json> arguments) {
  need_macro(name);
  return call(name, std::move(arguments));
}

std::vector<Kind> Rewriter::rewrite_arguments(Json& node) {
  std::vector<Kind> kinds;
  for (auto& child : array_at(node, "children")) kinds.push_back(rewrite_expression(child));
  if (Json* filter = member(node, "filter"); filter != nullptr && filter->is_object())
    rewrite_expression(*filter);
  if (Json* orders = member(node, "order_bys"))
    for (auto& order : array_at(*orders, "orders")) rewrite_member(order, "expression");
  return kinds;
}

Kind Rewriter::rewrite_function(Json& node) {
  const std::string name = to_lower(text_at(node, "function_name"));
  Kind kind = result_kind(name);
  if (rewrite_special(node, name, kind)) return kind;
  const size_t arguments = array_at(node, "children").size();
  const std::vector<Kind> kinds = rewrite_arguments(node);
  if (const auto* rule = find_rule(name, arguments)) {
    node["function_name"] = rule->target;
    node["schema"] = "";
    need_macro(rule->target);
    kind = rule->result;
    const Json* filter = member(node, "filter");
    if (find_macro(rule->target) != nullptr && filter != nullptr && filter->is_object()) {
      if (name == "approx_distinct")
        node["function_name"] = "approx_count_distinct";
      else
        fail_at(node, fmt::format("{}() with FILTER is not supported", name));
    }
  }
  constexpr std::array kSameAsArgument{"min",      "max",   "any_value",  "arbitrary", "nullif",
                                       "greatest", "least", "sum",        "+",         "-",
                                       "*",        "%",     "date_trunc", "if"};
  if (kind == Kind::unknown && !kinds.empty() &&
      std::find(kSameAsArgument.begin(), kSameAsArgument.end(), name) != kSameAsArgument.end()) {
    const size_t which = name == "date_trunc" || name == "if" ? 1 : 0;
    if (which < kinds.size()) kind = kinds[which] == Kind::literal ? Kind::varchar : kinds[which];
    if (kind == Kind::varchar && (name == "+" || name == "-")) kind = Kind::unknown;
  }
  return kind;
}

bool Rewriter::rewrite_special(Json& node, const std::string& name, Kind& kind) {
  return rewrite_json_function(node, name, kind) || rewrite_time_function(node, name, kind) ||
         rewrite_collection_function(node, name, kind);
}

// JSON

Json Rewriter::guarded_json(Json value, Kind kind) {
  if (kind == Kind::json || kind == Kind::map) return value;
  if (class_of(value) == "COLUMN_REF") {  // the text of a sub-document is JSON for certain
    const Json& names = array_at(std::as_const(value), "column_names");
    if (names.size() == 2 && names[0].is_string() && names[1].is_string())
      for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer)
        for (const auto& relation : scope->relations) {
          if (relation->view == nullptr || relation->alias != names[0].get<std::string>()) continue;
          const Field* field = relation->view->root.find(names[1].get<std::string>());
          if (field != nullptr && field->conversion == Conversion::text) return value;
        }
  }
  return macro("athena_json_guard", list_of(std::move(value)));
}

Kind Rewriter::rewrite_json_path(Json& node, const std::string& name) {
  Json& children = array_at(node, "children");
  const auto* path = string_constant(children[1]);
  if (path == nullptr) {
    fail_at(node, fmt::format("the path of {}() must be a text in quotes", name));
    return Kind::unknown;
  }
  std::string_view rest = *path;
  const bool standard = name == "json_value" || name == "json_query" || name == "json_exists";
  if (standard)
    for (const std::string_view mode : {"lax ", "strict "})
      if (rest.substr(0, mode.size()) == mode) rest.remove_prefix(mode.size());
  const auto pointer = json_pointer(rest);
  if (!pointer) {
    const bool plain = rest.substr(0, 2) == "$.";
    fail_at(children[1], fmt::format("Invalid JSON path: '{}'", *path), {},
            plain ? fmt::format("names with other characters than letters, digits, '_' and ':' are "
                                "quoted: '$[\"{}\"]'",
                                rest.substr(2))
                  : "a path is '$.name', '$[\"any name\"]', '$[0]', or several of these in a row");
    return Kind::unknown;
  }
  const Kind of = rewrite_expression(children[0]);
  auto arguments = list_of(guarded_json(std::move(children[0]), of), constant(*pointer));
  if (name == "json_extract") {
    node = call("json_extract", std::move(arguments));
    return Kind::json;
  }
  if (name == "json_exists") {
    node = call("json_exists", std::move(arguments));
    return Kind::boolean;
  }
  if (name == "json_size") {
    node = macro("athena_json_size", std::move(arguments));
    return Kind::integer;
  }
  if (name == "json_query") {
    node = cast(call("json_extract", std::move(arguments)), "VARCHAR");
    return Kind::varchar;
  }
  node = macro("athena_json_scalar", std::move(arguments));
  return Kind::varchar;
}

bool Rewriter::rewrite_json_function(Json& node, const std::string& name, Kind& kind) {
  constexpr std::array kWithPath{"json_extract", "json_extract_scalar", "json_size",
                                 "json_value",   "json_query",          "json_exists"};
  const size_t arguments = array_at(node, "children").size();
  if (arguments == 2 && std::find(kWithPath.begin(), kWithPath.end(), name) != kWithPath.end()) {
    kind = rewrite_json_path(node, name);
    return true;
  }
  if (name == "json_array_length" && arguments == 1) {
    Json& child = array_at(node, "children")[0];
    const Kind of = rewrite_expression(child);
    child = guarded_json(std::move(child), of);
    kind = Kind::integer;
    return true;
  }
  return false;
}

// Time

/// from_iso8601_timestamp(eventtime) and the like: the typed column needs no parsing.
bool Rewriter::fast_time(Json& node) {
  Json& children = array_at(node, "children");
  Resolved resolved;
  if (children.size() != 1 || !plain_column(children[0], resolved)) return false;
  const auto& column = resolved.output_name;
  if (!equals_ignoring_case(column, "eventTime") || is_grouped(*resolved.relation, column))
    return false;
  node = cast(use_internal(*resolved.relation, "@time"), "TIMESTAMP WITH TIME ZONE");
  return true;
}

Kind Rewriter::rewrite_date_add(Json& node) {
  Json& children = array_at(node, "children");
  const Unit* unit = find_unit(string_constant(children[0]));
  if (unit == nullptr) {
    fail_at(children[0], "date_add() does not know this unit", {}, std::string(kUnitHint));
    return Kind::unknown;
  }
  rewrite_expression(children[1]);
  const Kind kind = rewrite_expression(children[2]);
  Json count = cast(std::move(children[1]), unit->count_type);
  node = infix("+", std::move(children[2]), call(unit->interval, list_of(std::move(count))));
  if (kind == Kind::date && unit >= &kUnits[4]) node = cast(std::move(node), "DATE");
  return kind;
}

Kind Rewriter::rewrite_date_diff(Json& node) {
  Json& children = array_at(node, "children");
  if (find_unit(string_constant(children[0])) == nullptr) {
    fail_at(children[0], "date_diff() does not know this unit", {}, std::string(kUnitHint));
    return Kind::unknown;
  }
  rewrite_arguments(node);
  node["function_name"] = "date_sub";  // complete units, as Trino counts them
  return Kind::integer;
}

Kind Rewriter::rewrite_formatted_time(Json& node, const std::string& name) {
  Json& children = array_at(node, "children");
  const auto* format = string_constant(children[1]);
  if (format == nullptr) {
    fail_at(node, fmt::format("the format of {}() must be a text in quotes", name));
    return Kind::unknown;
  }
  const bool mysql = name == "date_parse" || name == "date_format";
  const bool parse = name == "date_parse" || name == "parse_datetime";
  Format translated = mysql ? from_mysql_format(*format) : from_joda_format(*format);
  if (!translated.unknown.empty()) {
    fail_at(children[1],
            fmt::format("{}() does not know the format '{}'", name, translated.unknown));
    return Kind::unknown;
  }
  const Kind of = rewrite_expression(children[0]);
  if (!parse && of == Kind::varchar) {
    fail_at(node, fmt::format("{}() takes a timestamp, not varchar", name), {},
            "from_iso8601_timestamp(eventtime) makes one");
    return Kind::unknown;
  }
  node = call(parse ? "strptime" : "strftime",
              list_of(std::move(children[0]), constant(translated.strftime)));
  if (!parse) return Kind::varchar;
  if (name == "date_parse") return Kind::timestamp;
  node = cast(std::move(node), "TIMESTAMP WITH TIME ZONE");
  return Kind::timestamp_tz;
}

bool Rewriter::rewrite_time_function(Json& node, const std::string& name, Kind& kind) {
  const size_t arguments = array_at(node, "children").size();
  if (name == "date_trunc" && arguments == 2) {
    kind = rewrite_arguments(node)[1];
    if (kind == Kind::date) node = cast(std::move(node), "DATE");
    return true;
  }
  if (name == "from_iso8601_timestamp" && fast_time(node)) {
    kind = Kind::timestamp_tz;
    return true;
  }
  if (name == "date_add" && arguments == 3) {
    kind = rewrite_date_add(node);
    return true;
  }
  if (name == "date_diff" && arguments == 3) {
    kind = rewrite_date_diff(node);
    return true;
  }
  if (arguments == 2 && (name == "date_parse" || name == "date_format" ||
                         name == "parse_datetime" || name == "format_datetime")) {
    kind = rewrite_formatted_time(node, name);
    return true;
  }
  if (name == "to_iso8601" && arguments == 1) {
    const Kind of = rewrite_arguments(node)[0];
    auto argument = take_children(node);
    argument.push_back(constant(of == Kind::date        ? "%Y-%m-%d"
                                : of == Kind::timestamp ? "%Y-%m-%dT%H:%M:%S.%g"
                                                        : "%Y-%m-%dT%H:%M:%S.%gZ"));
    node = call("strftime", std::move(argument));
    kind = Kind::varchar;
    return true;
  }
  if (name == "date_part" && arguments == 2) {
    Json& part = array_at(node, "children")[0];
    const auto* text = string_constant(part);
    if (text != nullptr &&
        (equals_ignoring_case(*text, "dow") || equals_ignoring_case(*text, "day_of_week")))
      part = constant("isodow");  // 1 is Monday
    rewrite_arguments(node);
    kind = Kind::integer;
    return true;
  }
  return false;
}

// Collections and the rest

Kind Rewriter::rewrite_element_at(Json& node) {
  Json subscript = operation("ARRAY_EXTRACT", take_children(node));
  const Kind kind = rewrite_subscript(subscript);
  node = std::move(subscript);
  return kind;
}

bool Rewriter::rewrite_map_lambda(Json& node, const std::string& name) {
  auto arguments = take_children(node);
  Json& function = arguments[1];
  Json* lhs = member(function, "lhs");
  Json* body = member(function, "expr");
  if (class_of(function) != "LAMBDA" || lhs == nullptr || body == nullptr ||
      array_at(*lhs, "children").size() != 2) {
    fail_at(node, fmt::format("{}() takes a map and (k, v) -> …", name));
    return true;
  }
  const std::string entry = fmt::format("entry{}", lambda_names_.size());
  std::vector<Json> parts;
  for (const auto* part : {"key", "value"})
    parts.push_back(operation("STRUCT_EXTRACT", list_of(column_ref({entry}), constant(part))));
  for (size_t i = 0; i < 2; ++i) {
    const Json& names = array_at(std::as_const(array_at(*lhs, "children")[i]), "column_names");
    if (!names.empty() && names[0].is_string())
      substitute(*body, names[0].get<std::string>(), parts[i], 0);
  }
  rewrite_expression(arguments[0]);
  lambda_names_.push_back(entry);
  rewrite_expression(*body);
  lambda_names_.pop_back();
  Json entries = call("map_entries", list_of(std::move(arguments[0])));
  if (name == "map_filter") {
    entries = call("list_filter", list_of(std::move(entries), lambda(entry, std::move(*body))));
  } else {
    Json key = name == "transform_keys" ? std::move(*body) : parts[0];
    Json value = name == "transform_values" ? std::move(*body) : parts[1];
    key["alias"] = "k";
    value["alias"] = "v";
    Json pair = call("struct_pack", list_of(std::move(key), std::move(value)));
    entries = call("list_transform", list_of(std::move(entries), lambda(entry, std::move(pair))));
  }
  node = call("map_from_entries", list_of(std::move(entries)));
  return true;
}

// One `if` for each function.
// NOLINTNEXTLINE(readability-function-size)
bool Rewriter::rewrite_collection_function(Json& node, const std::string& name, Kind& kind) {
  const size_t arguments = array_at(node, "children").size();
  if (name == "element_at" && arguments == 2) {
    kind = rewrite_element_at(node);
    return true;
  }
  if (name == "concat" && arguments >= 2) {  // NULL makes the whole NULL, unlike DuckDB's
    const auto kinds = rewrite_arguments(node);
    auto parts = take_children(node);
    Json joined = std::move(parts[0]);
    for (size_t i = 1; i < parts.size(); ++i)
      joined = infix("||", std::move(joined), std::move(parts[i]));
    node = std::move(joined);
    kind = kinds[0] == Kind::list ? Kind::list : Kind::varchar;
    return true;
  }
  if (name == "cardinality" && arguments == 1) {
    const Kind of = rewrite_arguments(node)[0];
    if (of != Kind::map) node["function_name"] = "len";
    kind = Kind::integer;
    return true;
  }
  if ((name == "any_match" || name == "all_match" || name == "none_match") && arguments == 2) {
    rewrite_arguments(node);
    Json matches = call("list_transform", take_children(node));
    node = macro(name == "all_match" ? "athena_and" : "athena_or", list_of(std::move(matches)));
    if (name == "none_match") node = operation("OPERATOR_NOT", list_of(std::move(node)));
    kind = Kind::boolean;
    return true;
  }
  if ((name == "map_filter" || name == "transform_values" || name == "transform_keys") &&
      arguments == 2)
    return rewrite_map_lambda(node, name);
  if ((name == "contains" || name == "is_subnet_of") && arguments == 2) {
    const auto kinds = rewrite_arguments(node);
    if (kinds[1] == Kind::ipaddress)
      node = macro("athena_prefix_contains", take_children(node));
    else if (kinds[1] == Kind::ipprefix || name == "is_subnet_of")
      node = macro("athena_prefix_within", take_children(node));
    else if (kinds[0] != Kind::varchar && kinds[0] != Kind::literal)
      node["function_name"] = "list_contains";
    kind = Kind::boolean;
    return true;
  }
  if (name == "reduce" && arguments == 4) {  // reduce(a, start, (s, e) -> …, s -> …)
    rewrite_arguments(node);
    auto parts = take_children(node);
    Json* lhs = member(parts[3], "lhs");
    Json* body = member(parts[3], "expr");
    if (lhs == nullptr || body == nullptr) return true;
    Json folded = call("list_reduce", list_of(std::move(parts[0]), std::move(parts[2])));
    array_at(folded, "children").push_back(std::move(parts[1]));
    const Json& names = array_at(std::as_const(*lhs), "column_names");
    if (!names.empty() && names[0].is_string())
      substitute(*body, names[0].get<std::string>(), folded, 0);
    node = std::move(*body);
    kind = Kind::unknown;
    return true;
  }
  if (name == "approx_percentile") {
    if (arguments != 2) {
      fail_at(node, "approx_percentile() with weights or an accuracy is not supported", {},
              "approx_percentile(x, 0.95)");
      return true;
    }
    rewrite_arguments(node);
    node["function_name"] = "approx_quantile";
    return true;
  }
  if (name == "typeof" && arguments == 1) {
    const Kind of = rewrite_arguments(node)[0];
    node = of == Kind::ipaddress || of == Kind::ipprefix || of == Kind::literal
               ? constant(name_of(of))
               : macro("athena_typeof", take_children(node));
    return true;
  }
  return false;
}

}  // namespace cairn::lang::athena
