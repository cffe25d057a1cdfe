#include "base/text.h"
#include "lang/athena/internal/rewriter.h"
#include "lang/athena/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cairn::lang::athena {
namespace {

constexpr int kDepthMax = 400;

std::vector<std::string> path_of(const Json& ref) {
  std::vector<std::string> path;
  for (const auto& name : array_at(ref, "column_names"))
    if (name.is_string()) path.push_back(name.get<std::string>());
  return path;
}

std::string dotted(std::span<const std::string> path) {
  std::string out;
  for (const auto& name : path) out += (out.empty() ? "" : ".") + name;
  return out;
}

Kind kind_of_type(std::string_view id) {
  if (id == "VARCHAR") return Kind::varchar;
  if (id == "BOOLEAN") return Kind::boolean;
  if (id == "DATE") return Kind::date;
  if (id == "TIMESTAMP WITH TIME ZONE") return Kind::timestamp_tz;
  if (id.substr(0, 9) == "TIMESTAMP") return Kind::timestamp;
  if (id == "DOUBLE" || id == "FLOAT" || id == "DECIMAL") return Kind::number;
  if (id == "MAP") return Kind::map;
  if (id == "LIST") return Kind::list;
  if (id == "STRUCT") return Kind::structure;
  if (id == "NULL") return Kind::null;
  if (id.find("INT") != std::string_view::npos) return Kind::integer;
  return Kind::unknown;
}

/// Names without parentheses that are functions, not columns.
bool is_function_name(std::string_view name) {
  constexpr std::array kNames{"current_timestamp", "current_date",   "current_time",
                              "localtimestamp",    "localtime",      "current_user",
                              "current_catalog",   "current_schema", "rowid"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](const char* each) { return equals_ignoring_case(name, each); });
}

Kind kind_of_function_name(std::string_view name) {
  if (equals_ignoring_case(name, "current_date")) return Kind::date;
  if (equals_ignoring_case(name, "current_timestamp")) return Kind::timestamp_tz;
  return Kind::unknown;
}

bool is_time(Kind kind) {
  return kind == Kind::timestamp || kind == Kind::timestamp_tz || kind == Kind::date;
}

/// dddd/dd/dd
bool is_slashed_day(const std::string* text) {
  if (text == nullptr || text->size() != 10) return false;
  for (size_t i = 0; i < 10; ++i) {
    const bool slash = i == 4 || i == 7;
    if (slash ? (*text)[i] != '/' : (*text)[i] < '0' || (*text)[i] > '9') return false;
  }
  return true;
}

std::string_view clause_name(Clause clause) {
  switch (clause) {
    case Clause::select:
      return "the SELECT list itself";
    case Clause::from:
      return "FROM";
    case Clause::where:
      return "WHERE";
    case Clause::group_by:
      return "GROUP BY";
    case Clause::having:
      return "HAVING";
    case Clause::order_by:
      return "ORDER BY";
  }
  return "this clause";
}

}  // namespace

void Rewriter::rewrite_list(Json& list) {
  if (!list.is_array()) return;
  for (auto& item : list) rewrite_expression(item);
}

void Rewriter::rewrite_member(Json& node, const char* key) {
  if (Json* value = member(node, key); value != nullptr && value->is_object())
    rewrite_expression(*value);
}

Kind Rewriter::rewrite_expression(Json& node) {
  if (out_.fault || !node.is_object()) return Kind::unknown;
  if (++depth_ > kDepthMax) {
    fail_at(node, "the expression is nested too deeply");
    --depth_;
    return Kind::unknown;
  }
  const std::string node_class(class_of(node));
  const std::string alias(text_at(node, "alias"));
  const auto location = node.find("query_location");
  const Json place = location == node.end() ? Json() : *location;
  Kind kind = Kind::unknown;
  if (node_class == "COLUMN_REF")
    kind = rewrite_column(node);
  else if (node_class == "FUNCTION")
    kind = rewrite_function(node);
  else if (node_class == "COMPARISON")
    kind = rewrite_comparison(node);
  else if (node_class == "BETWEEN")
    kind = rewrite_between(node);
  else if (node_class == "CAST")
    kind = rewrite_cast(node);
  else if (node_class == "OPERATOR")
    kind = rewrite_operator(node);
  else if (node_class == "CASE")
    kind = rewrite_case(node);
  else if (node_class == "WINDOW")
    kind = rewrite_window(node);
  else if (node_class == "SUBQUERY")
    kind = rewrite_subquery(node);
  else if (node_class == "LAMBDA")
    kind = rewrite_lambda(node);
  else
    kind = rewrite_other(node);
  if (node.is_object()) {
    node["alias"] = alias;
    if (!place.is_null()) node["query_location"] = place;
  }
  --depth_;
  return kind;
}

Kind Rewriter::rewrite_other(Json& node) {
  const auto node_class = class_of(node);
  if (node_class == "CONSTANT") {
    if (string_constant(node) != nullptr) return Kind::literal;
    const Json* value = member(node, "value");
    const Json* type = value == nullptr ? nullptr : member(*value, "type");
    return type == nullptr ? Kind::unknown : kind_of_type(text_at(*type, "id"));
  }
  if (node_class == "PARAMETER") {
    fail_at(node, "a parameter has no value here", {}, "write the value into the query");
    return Kind::unknown;
  }
  rewrite_list(array_at(node, "children"));
  for (const auto* key : {"child", "left", "right", "expr"}) rewrite_member(node, key);
  return node_class == "CONJUNCTION" ? Kind::boolean : Kind::unknown;
}

bool Rewriter::is_lambda_name(std::string_view name) const {
  return std::any_of(lambda_names_.begin(), lambda_names_.end(),
                     [&](const auto& each) { return equals_ignoring_case(each, name); });
}

bool Rewriter::is_grouped(const Relation& relation, const std::string& output_name) const {
  return scope_ != nullptr && scope_->grouped.count(relation.alias + '\n' + output_name) != 0;
}

Json Rewriter::use(Relation& relation, const Field& field, const std::string& output_name) {
  if (relation.needed.count(output_name) == 0) {
    std::vector<std::string_view> macros;
    relation.needed.emplace(output_name, value_of(field, relation.view->flavour, macros));
    for (const auto name : macros) need_macro(name);
  }
  return column_ref({relation.alias, output_name});
}

Json Rewriter::use_internal(Relation& relation, std::string_view field_name) {
  const Field* field = relation.view->root.find(field_name);
  return field == nullptr ? null_constant() : use(relation, *field, field->name);
}

bool Rewriter::resolve_in(Relation& relation, std::span<const std::string> path, Resolved& out) {
  if (path.empty() || path[0].empty() || path[0][0] == '@') return false;
  const Field* field = relation.view->root.find(path[0]);
  if (field == nullptr) return false;
  out.relation = &relation;
  out.output_name = field->name;
  size_t used = 1;
  while (used < path.size() && !field->fields.empty()) {
    const Field* child = field->find(path[used]);
    if (child == nullptr) break;
    field = child;
    out.output_name += '.' + field->name;
    ++used;
  }
  out.field = field;
  out.rest.assign(path.begin() + static_cast<std::ptrdiff_t>(used), path.end());
  return true;
}

bool Rewriter::resolve(const Json& ref, Resolved& out) {
  const std::vector<std::string> path = path_of(ref);
  if (path.empty()) return true;
  bool open = false;  // a relation whose columns are not known
  for (Scope* scope = scope_; scope != nullptr; scope = scope->outer) {
    Relation* found = nullptr;
    bool found_other = false;
    bool qualified = false;
    for (auto& relation : scope->relations) {
      for (size_t skip = 1; skip <= 3 && skip <= path.size(); ++skip) {  // [[catalog.]schema.]table
        if (!equals_ignoring_case(path[skip - 1], relation->alias)) continue;
        if (skip > 1 && !equals_ignoring_case(path[skip - 2], relation->schema)) continue;
        const std::span<const std::string> rest(path.data() + skip, path.size() - skip);
        if (relation->view == nullptr || rest.empty()) {
          qualified = true;
          const bool has = rest.empty() || !relation->outputs.known ||
                           std::any_of(relation->outputs.columns.begin(),
                                       relation->outputs.columns.end(), [&](const auto& column) {
                                         return equals_ignoring_case(column.name, rest[0]);
                                       });
          if (has) return true;
        } else if (resolve_in(*relation, rest, out)) {
          return true;
        } else {
          qualified = true;
        }
      }
    }
    if (qualified && path.size() > 1) return false;
    for (auto& relation : scope->relations) {
      bool has = false;
      if (relation->view != nullptr) {
        has = relation->view->root.find(path[0]) != nullptr && path[0][0] != '@';
        if (has && found == nullptr && !found_other)
          found = relation.get();
        else if (has && scope->using_columns.count(to_lower(path[0])) == 0) {
          fail_at(ref, fmt::format("column '{}' is ambiguous: several tables have it", path[0]), {},
                  "write TABLE." + path[0]);
          return true;
        }
      } else {
        for (const auto& column : relation->outputs.columns)
          has = has || equals_ignoring_case(column.name, path[0]);
        found_other = found_other || has;
        open = open || !relation->outputs.known;
      }
    }
    if (found_other || (found != nullptr && scope->using_columns.count(to_lower(path[0])) != 0))
      return true;  // the engine finds it
    if (found != nullptr) return resolve_in(*found, path, out);
  }
  return open;
}

bool Rewriter::plain_column(const Json& ref, Resolved& out) {
  if (class_of(ref) != "COLUMN_REF") return false;
  const Json& names = array_at(ref, "column_names");
  if (names.empty() || !names[0].is_string() || is_lambda_name(names[0].get<std::string>()))
    return false;
  return resolve(ref, out) && out.relation != nullptr && out.rest.empty() && !out_.fault;
}

void Rewriter::unresolved(const Json& ref) {
  const auto path = path_of(ref);
  const std::string name = dotted(path);
  const size_t place = place_of(ref);
  if (place < text_.size() && text_[place] == '"' && path.size() == 1)
    return fail_at(
        ref, fmt::format("unknown column '{}'", name), {},
        fmt::format("double quotes hold names; a text stands in single quotes: '{}'", name));
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer)
    if (path.size() == 1 && scope->alias_names.count(to_lower(path[0])) != 0)
      return fail_at(
          ref,
          fmt::format("column '{}' cannot be resolved: it is an alias of the SELECT list, which "
                      "{} does not see",
                      path[0], clause_name(clause_)),
          {}, fmt::format("repeat the expression itself in place of '{}'", path[0]));
  std::vector<std::string_view> names;
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer)
    for (const auto& relation : scope->relations) {
      if (relation->view != nullptr)
        for (const auto& field : relation->view->root.fields)
          if (field.name[0] != '@') names.push_back(field.name);
      for (const auto& column : relation->outputs.columns) names.push_back(column.name);
    }
  const std::string_view wanted =
      path.size() > 1 && scope_ != nullptr &&
              std::any_of(scope_->relations.begin(), scope_->relations.end(),
                          [&](const auto& r) { return equals_ignoring_case(r->alias, path[0]); })
          ? path[1]
          : path[0];
  const auto nearest = nearest_name(wanted, names);
  fail_at(ref, fmt::format("unknown column '{}'", wanted),
          nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest),
          nearest.empty() ? "`DESCRIBE cloudtrail` lists all columns" : "");
}

void Rewriter::no_field(const Json& ref, const Resolved& resolved) {
  const Field& field = *resolved.field;
  const std::string& wanted = resolved.rest[0];
  if (!field.fields.empty()) {
    std::vector<std::string_view> names;
    for (const auto& child : field.fields) names.push_back(child.name);
    const auto nearest = nearest_name(wanted, names);
    return fail_at(ref, fmt::format("'{}' has no field '{}'", resolved.output_name, wanted),
                   nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
  }
  std::string hint;
  if (field.kind == Kind::map)
    hint = fmt::format("element_at({}, '{}')", resolved.output_name, wanted);
  else if (field.kind == Kind::list)
    hint = fmt::format("{}[1].{}, or CROSS JOIN UNNEST({}) AS t (r) and r.{}", resolved.output_name,
                       wanted, resolved.output_name, wanted);
  else if (field.conversion == Conversion::text)
    hint =
        fmt::format("json_extract_scalar({}, '$.{}')", resolved.output_name, dotted(resolved.rest));
  fail_at(
      ref,
      fmt::format("'{}' is {}{}: it has no field '{}'", resolved.output_name, name_of(field.kind),
                  field.conversion == Conversion::text ? " (JSON text)" : "", wanted),
      {}, std::move(hint));
}

Kind Rewriter::rewrite_column(Json& node) {
  const auto path = path_of(node);
  if (path.empty() || is_lambda_name(path[0])) return Kind::unknown;
  Resolved resolved;
  if (!resolve(node, resolved)) {
    if (path.size() == 1 && is_function_name(path[0])) return kind_of_function_name(path[0]);
    const bool alias =
        path.size() == 1 && scope_ != nullptr && scope_->alias_names.count(to_lower(path[0])) != 0;
    const bool sees_alias = clause_ == Clause::group_by || clause_ == Clause::order_by || !strict_;
    if (!alias || !sees_alias) unresolved(node);
    return Kind::unknown;
  }
  if (out_.fault) return Kind::unknown;
  if (resolved.relation == nullptr) {
    for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer)
      for (const auto& relation : scope->relations)
        for (const auto& column : relation->outputs.columns) {
          if (!equals_ignoring_case(column.name, path.back())) {
            const bool dereferenced = column.kind == Kind::varchar && path.size() > 1 &&
                                      equals_ignoring_case(column.name, path[path.size() - 2]) &&
                                      !equals_ignoring_case(relation->alias, path[path.size() - 2]);
            if (dereferenced)
              fail_at(node, fmt::format("'{}' is varchar: it has no field '{}'", column.name,
                                        path.back()));
            continue;
          }
          if (path.size() == 1 || equals_ignoring_case(relation->alias, path[path.size() - 2]))
            return column.kind;
        }
    return Kind::unknown;
  }
  if (!resolved.rest.empty()) {
    if (resolved.field->kind == Kind::json && resolved.field->fields.empty()) {
      std::string pointer;
      for (const auto& step : resolved.rest) pointer += pointer_step(step);
      std::vector<Json> arguments;
      arguments.push_back(use(*resolved.relation, *resolved.field, resolved.output_name));
      arguments.push_back(constant(pointer));
      node = call("json_extract_string", std::move(arguments));
      return Kind::varchar;
    }
    no_field(node, resolved);
    return Kind::unknown;
  }
  node = use(*resolved.relation, *resolved.field, resolved.output_name);
  return resolved.field->kind;
}

Kind Rewriter::rewrite_beside(Json& side, const Json& other, Kind other_kind) {
  Resolved resolved;
  if (!plain_column(side, resolved) || is_grouped(*resolved.relation, resolved.output_name))
    return rewrite_expression(side);
  const auto& column = *resolved.field;
  if (resolved.relation->view->flavour == Flavour::athena && column.name == "eventtime" &&
      is_time(other_kind)) {
    side = use_internal(*resolved.relation, "@time");
    return Kind::timestamp;
  }
  if (column.name == "day" && is_slashed_day(string_constant(other))) {
    side = use_internal(*resolved.relation, "date_partition");
    return Kind::varchar;
  }
  return rewrite_expression(side);
}

void Rewriter::check_comparable(const Json& node, const Json& left, Kind left_kind,
                                const Json& right, Kind right_kind) {
  const auto clash = [](Kind a, Kind b) {
    return a == Kind::varchar && (b == Kind::boolean || b == Kind::integer || b == Kind::number);
  };
  if (!clash(left_kind, right_kind) && !clash(right_kind, left_kind)) return;
  const bool text_is_left = left_kind == Kind::varchar;
  const Json& value = text_is_left ? right : left;
  std::string hint;
  if (class_of(value) == "CONSTANT" || class_of(value) == "CAST")
    hint = (text_is_left ? right_kind : left_kind) == Kind::boolean
               ? "compare with 'true' or 'false' in quotes"
               : "put the number in quotes, or CAST the text";
  const Json& place = location_of(left) <= prepared_.sql.size() ? left : node;
  fail_at(place, fmt::format("cannot compare {} with {}", name_of(left_kind), name_of(right_kind)),
          {}, std::move(hint));
}

Kind Rewriter::rewrite_comparison(Json& node) {
  Json* left = member(node, "left");
  Json* right = member(node, "right");
  if (left == nullptr || right == nullptr) return Kind::boolean;
  // The simple side first: its kind decides which column the other one means.
  const bool left_is_column = class_of(*left) == "COLUMN_REF";
  Json* column = left_is_column ? left : right;
  Json* other = left_is_column ? right : left;
  const Kind other_kind = rewrite_expression(*other);
  const Kind column_kind = rewrite_beside(*column, *other, other_kind);
  check_comparable(node, *left, left_is_column ? column_kind : other_kind, *right,
                   left_is_column ? other_kind : column_kind);
  return Kind::boolean;
}

Kind Rewriter::rewrite_between(Json& node) {
  Json* input = member(node, "input");
  Json* lower = member(node, "lower");
  Json* upper = member(node, "upper");
  if (input == nullptr || lower == nullptr || upper == nullptr) return Kind::boolean;
  const Kind lower_kind = rewrite_expression(*lower);
  const Kind upper_kind = rewrite_expression(*upper);
  const Kind kind = rewrite_beside(*input, *lower, is_time(upper_kind) ? upper_kind : lower_kind);
  check_comparable(node, *input, kind, *lower, lower_kind);
  check_comparable(node, *input, kind, *upper, upper_kind);
  return Kind::boolean;
}

Kind Rewriter::rewrite_cast(Json& node) {
  Json* child = member(node, "child");
  if (child == nullptr) return Kind::unknown;
  const bool literal_syntax = location_of(node) > prepared_.sql.size();  // DATE '…', date(x)
  const Json* type = member(node, "cast_type");
  const Kind target = type == nullptr ? Kind::unknown : kind_of_type(text_at(*type, "id"));
  const Kind from = rewrite_beside(*child, Json(), target);
  return rewrite_cast_type(node, from, literal_syntax && class_of(*child) == "CONSTANT");
}

namespace {

/// Replaces the marker types of prepare() within `type`; gives the length of the outermost one.
int64_t replace_markers(Json& type, int depth) {
  if (!type.is_object() || depth > 100) return -1;
  Json* info = member(type, "type_info");
  if (text_at(type, "id") == "UNBOUND" && info != nullptr) {
    const auto name = text_at(*info, "name");
    if (!equals_ignoring_case(name.substr(0, kVarcharMarker.size()), kVarcharMarker)) return -1;
    int64_t length = -1;
    const auto digits = name.substr(kVarcharMarker.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    type = Json{{"id", "VARCHAR"}, {"type_info", nullptr}};
    return length;
  }
  if (info == nullptr || !info->is_object()) return -1;
  if (Json* child = member(*info, "child_type")) replace_markers(*child, depth + 1);
  for (auto& child : array_at(*info, "child_types"))
    if (Json* second = member(child, "second")) replace_markers(*second, depth + 1);
  return -1;
}

}  // namespace

Kind Rewriter::rewrite_cast_type(Json& node, Kind from, bool literal_syntax) {
  Json* type = member(node, "cast_type");
  Json* child = member(node, "child");
  if (type == nullptr || child == nullptr) return Kind::unknown;
  const Json* flag = member(node, "try_cast");
  const bool try_cast = flag != nullptr && flag->is_boolean() && flag->get<bool>();
  const int64_t length = replace_markers(*type, 0);
  const Json* info = member(*type, "type_info");
  const std::string name =
      text_at(*type, "id") == "UNBOUND" && info != nullptr ? to_lower(text_at(*info, "name")) : "";
  std::vector<Json> arguments;
  if (name == "ipaddress") {
    if (from == Kind::ipaddress) {
      node = std::move(*child);
      return Kind::ipaddress;
    }
    arguments.push_back(std::move(*child));
    node = macro(try_cast ? "athena_ip_try" : "athena_ip", std::move(arguments));
    return Kind::ipaddress;
  }
  if (name == "ipprefix") {
    arguments.push_back(std::move(*child));
    node = macro("athena_prefix_of", std::move(arguments));
    return Kind::ipprefix;
  }
  if (name == "json") {
    if (literal_syntax || from == Kind::json) return Kind::json;  // JSON '…' parses
    arguments.push_back(std::move(*child));
    node = call("to_json", std::move(arguments));  // CAST('a' AS JSON) is the string "a"
    return Kind::json;
  }
  const Kind kind = kind_of_type(text_at(*type, "id"));
  if (kind == Kind::varchar) {
    if (from == Kind::ipaddress || from == Kind::unknown || from == Kind::json) {
      arguments.push_back(std::move(*child));
      if (from == Kind::json) arguments.push_back(constant("$"));
      node = from == Kind::json        ? call("json_extract_string", std::move(arguments))
             : from == Kind::ipaddress ? macro("athena_ip_text", std::move(arguments))
                                       : macro("athena_json_text", std::move(arguments));
    }
    if (length >= 0) {
      std::vector<Json> cut;
      cut.push_back(std::move(node));
      cut.push_back(constant(length));
      node = call("left", std::move(cut));
    }
  }
  return kind;
}

Kind Rewriter::rewrite_operator(Json& node) {
  const std::string type(text_at(node, "type"));
  Json& children = array_at(node, "children");
  if (type == "ARRAY_EXTRACT" && children.size() == 2) return rewrite_subscript(node);
  if (type == "COMPARE_IN" || type == "COMPARE_NOT_IN") {
    std::vector<Kind> kinds(children.size(), Kind::unknown);
    for (size_t i = 1; i < children.size(); ++i) kinds[i] = rewrite_expression(children[i]);
    if (children.size() > 1) kinds[0] = rewrite_beside(children[0], children[1], kinds[1]);
    for (size_t i = 1; i < children.size(); ++i)
      check_comparable(node, children[0], kinds[0], children[i], kinds[i]);
    return Kind::boolean;
  }
  if (type == "STRUCT_EXTRACT" && children.size() == 2) {
    const Kind of = rewrite_expression(children[0]);
    const auto* name = string_constant(children[1]);
    if (of == Kind::varchar && name != nullptr)
      fail_at(children[0], fmt::format("a varchar has no field '{}'", *name), {},
              "json_extract_scalar() reads JSON text");
    return Kind::unknown;
  }
  Kind kind = Kind::unknown;
  for (auto& child : children) {
    const Kind each = rewrite_expression(child);
    if (kind == Kind::unknown || kind == Kind::null) kind = each;
  }
  if (type == "OPERATOR_COALESCE" || type == "OPERATOR_TRY")
    return kind == Kind::literal ? Kind::varchar : kind;
  if (type == "ARRAY_CONSTRUCTOR") return Kind::list;
  if (type == "ARRAY_EXTRACT" || type == "ARRAY_SLICE") return Kind::unknown;
  return Kind::boolean;
}

Kind Rewriter::rewrite_subscript(Json& node) {
  Json& children = array_at(node, "children");
  Resolved resolved;
  const auto* key = string_constant(children[1]);
  if (key != nullptr && plain_column(children[0], resolved) &&
      !is_grouped(*resolved.relation, resolved.output_name)) {
    std::vector<Json> arguments;
    if (resolved.field->kind == Kind::map &&
        resolved.relation->view->root.find("@json." + resolved.output_name) != nullptr)
      arguments.push_back(use_internal(*resolved.relation, "@json." + resolved.output_name));
    else if (resolved.field->kind == Kind::json)
      arguments.push_back(use(*resolved.relation, *resolved.field, resolved.output_name));
    if (!arguments.empty()) {
      arguments.push_back(constant(pointer_step(*key)));
      node = call("json_extract_string", std::move(arguments));
      return Kind::varchar;
    }
  }
  for (auto& child : children) rewrite_expression(child);
  return Kind::unknown;
}

Kind Rewriter::rewrite_case(Json& node) {
  Kind kind = Kind::unknown;
  for (auto& check : array_at(node, "case_checks")) {
    rewrite_member(check, "when_expr");
    if (Json* then = member(check, "then_expr")) {
      const Kind each = rewrite_expression(*then);
      if (kind == Kind::unknown || kind == Kind::null) kind = each;
    }
  }
  rewrite_member(node, "else_expr");
  return kind == Kind::literal ? Kind::varchar : kind;
}

Kind Rewriter::rewrite_window(Json& node) {
  const std::string name = to_lower(text_at(node, "function_name"));
  rewrite_list(array_at(node, "children"));
  rewrite_list(array_at(node, "partitions"));
  for (const auto* key : {"orders", "arg_orders"})
    for (auto& order : array_at(node, key)) rewrite_member(order, "expression");
  for (const auto* key : {"filter_expr", "start_expr", "end_expr", "offset_expr", "default_expr"})
    rewrite_member(node, key);
  if (name == "approx_distinct")
    node["function_name"] = "approx_count_distinct";
  else if (name == "approx_percentile")
    node["function_name"] = "approx_quantile";
  else if (name == "arbitrary")
    node["function_name"] = "any_value";
  else if (name == "every")
    node["function_name"] = "bool_and";
  constexpr std::array kCounting{"row_number", "rank", "dense_rank", "ntile", "count"};
  return std::find(kCounting.begin(), kCounting.end(), name) != kCounting.end() ? Kind::integer
                                                                                : Kind::unknown;
}

Kind Rewriter::rewrite_subquery(Json& node) {
  if (Json* child = member(node, "child"); child != nullptr && child->is_object())
    rewrite_expression(*child);
  Json* subquery = member(node, "subquery");
  if (subquery == nullptr || member(*subquery, "node") == nullptr) return Kind::unknown;
  const Outputs outputs = rewrite_query(*member(*subquery, "node"), scope_, false);
  if (text_at(node, "subquery_type") != "SCALAR") return Kind::boolean;
  return outputs.columns.size() == 1 ? outputs.columns[0].kind : Kind::unknown;
}

Kind Rewriter::rewrite_lambda(Json& node) {
  Json* lhs = member(node, "lhs");
  Json* body = member(node, "expr");
  if (lhs == nullptr || body == nullptr) return Kind::unknown;
  // `column -> '$.path'` is DuckDB's JSON arrow.
  Resolved resolved;
  if (string_constant(*body) != nullptr && class_of(*lhs) == "COLUMN_REF" &&
      resolve(*lhs, resolved) && !out_.fault) {
    std::vector<Json> arguments;
    rewrite_expression(*lhs);
    arguments.push_back(std::move(*lhs));
    arguments.push_back(std::move(*body));
    node = call("json_extract", std::move(arguments));
    return Kind::json;
  }
  const size_t names = lambda_names_.size();
  for (const auto& name : path_of(*lhs)) lambda_names_.push_back(name);
  for (const auto& parameter : array_at(std::as_const(*lhs), "children"))
    for (const auto& name : path_of(parameter)) lambda_names_.push_back(name);
  rewrite_expression(*body);
  lambda_names_.resize(names);
  return Kind::unknown;
}

}  // namespace cairn::lang::athena
