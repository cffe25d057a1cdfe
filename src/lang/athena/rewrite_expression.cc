#include "base/text.h"
#include "lang/athena/internal/rewriter.h"
#include "lang/athena/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cairn::lang::athena {
namespace {

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
