#include "lang/athena/allow_list.h"

#include "base/text.h"
#include "lang/athena/functions.h"
#include "lang/athena/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace cairn::lang::athena {
namespace {

constexpr std::array<std::string_view, 15> kClasses{"POSITIONAL_REFERENCE",
                                                    "BETWEEN",
                                                    "CASE",
                                                    "CAST",
                                                    "COLUMN_REF",
                                                    "COMPARISON",
                                                    "CONJUNCTION",
                                                    "CONSTANT",
                                                    "LAMBDA",
                                                    "WINDOW",
                                                    "FUNCTION",
                                                    "OPERATOR",
                                                    "PARAMETER",
                                                    "STAR",
                                                    "SUBQUERY"};

/// Of nodes that are no expressions: queries, FROM items, modifiers.
constexpr std::array<std::string_view, 17> kTypes{
    "SELECT_NODE",
    "SET_OPERATION_NODE",
    "RECURSIVE_CTE_NODE",
    "CTE_NODE",
    "BASE_TABLE",
    "JOIN",
    "SUBQUERY",
    "TABLE_FUNCTION",
    "EXPRESSION_LIST",
    "EMPTY",
    "ORDER_MODIFIER",
    "LIMIT_MODIFIER",
    "LIMIT_PERCENT_MODIFIER",
    "DISTINCT_MODIFIER",
    "ORDER_DEFAULT",
    "ASCENDING",
    "DESCENDING",
};

constexpr std::array<std::string_view, 3> kTableFunctions{"unnest", "generate_series", "range"};

constexpr std::array<std::string_view, 33> kDataTypes{"BOOLEAN",
                                                      "TINYINT",
                                                      "SMALLINT",
                                                      "INTEGER",
                                                      "BIGINT",
                                                      "HUGEINT",
                                                      "UTINYINT",
                                                      "USMALLINT",
                                                      "UINTEGER",
                                                      "UBIGINT",
                                                      "UHUGEINT",
                                                      "FLOAT",
                                                      "DOUBLE",
                                                      "DECIMAL",
                                                      "VARCHAR",
                                                      "CHAR",
                                                      "BLOB",
                                                      "BIT",
                                                      "DATE",
                                                      "TIME",
                                                      "TIME_NS",
                                                      "TIMESTAMP",
                                                      "TIMESTAMP_S",
                                                      "TIMESTAMP_MS",
                                                      "TIMESTAMP_NS",
                                                      "INTERVAL",
                                                      "UUID",
                                                      "LIST",
                                                      "STRUCT",
                                                      "MAP",
                                                      "INTEGER_LITERAL",
                                                      "TIMESTAMP WITH TIME ZONE",
                                                      "TIME WITH TIME ZONE"};

constexpr std::array<std::string_view, 4> kNamedTypes{"json", "ipaddress", "ipprefix", "uuid"};

constexpr std::array<std::string_view, 1> kNullTypes{"NULL"};

/// Names by which the engine tells of itself.
constexpr std::array<std::string_view, 5> kSystemNames{"duckdb", "pg_", "pragma", "sqlite_",
                                                       "information_schema"};

template <size_t kSize>
bool holds(const std::array<std::string_view, kSize>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

constexpr const char* kHint =
    "statements here read the CloudTrail tables, with Athena's functions; nothing else";

const Json* integer_literal(const Json& node) {
  if (class_of(node) != "CONSTANT") return nullptr;
  const Json* value = member(node, "value");
  const Json* number = value == nullptr ? nullptr : member(*value, "value");
  return number != nullptr && number->is_number_integer() ? number : nullptr;
}

std::optional<int64_t> integer_of(const Json& node) {
  if (class_of(node) == "FUNCTION" && text_at(node, "function_name") == "-" &&
      array_at(node, "children").size() == 1) {
    const auto inner = integer_of(array_at(node, "children")[0]);
    return inner ? std::optional(-*inner) : std::nullopt;
  }
  const Json* number = integer_literal(node);
  if (number == nullptr) return std::nullopt;
  if (number->is_number_unsigned() && number->get<uint64_t>() > (uint64_t{1} << 62))
    return std::nullopt;
  return number->get<int64_t>();
}

/// `interval '1' day` and longer.
bool is_interval_of_days(const Json& node) {
  constexpr std::array<std::string_view, 5> kLong{"to_days", "to_weeks", "to_months", "to_quarters",
                                                  "to_years"};
  if (class_of(node) != "FUNCTION" || !holds(kLong, text_at(node, "function_name"))) return false;
  const Json& arguments = array_at(node, "children");
  if (arguments.size() != 1) return false;
  const Json* count = &arguments[0];
  while (class_of(*count) == "CAST" ||
         (class_of(*count) == "FUNCTION" && text_at(*count, "function_name") == "trunc")) {
    const Json* child = class_of(*count) == "CAST" ? member(*count, "child") : nullptr;
    if (child == nullptr && !array_at(*count, "children").empty())
      child = &array_at(*count, "children")[0];
    if (child == nullptr) return false;
    count = child;
  }
  if (const auto* text = string_constant(*count))
    return !text->empty() && text->find_first_not_of("0123456789") == std::string::npos &&
           text->find_first_not_of('0') != std::string::npos;
  const auto number = integer_of(*count);
  return number && *number != 0;
}

bool is_small_sequence(const Json& arguments) {
  if (arguments.size() < 2) return false;
  const auto first = integer_of(arguments[0]);
  const auto last = integer_of(arguments[1]);
  const auto step = arguments.size() > 2 ? integer_of(arguments[2]) : std::optional<int64_t>(1);
  if (first && last && step && *step != 0) {
    const double span = static_cast<double>(*last) - static_cast<double>(*first);
    return span / static_cast<double>(*step) <= static_cast<double>(kMadeOfNothingMax);
  }
  return !first && !last && arguments.size() == 3 && is_interval_of_days(arguments[2]);
}

/// printf's and format's widths.
bool has_wide_field(const std::string& format) {
  size_t digits = 0;
  for (const char c : format) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4 || c == '*') return true;
  }
  // Nested replacement fields take their width from an argument.
  return format.find('{') != std::string::npos;
}

class Checker {
 public:
  explicit Checker(const Prepared& prepared) : prepared_(prepared) {}

  std::optional<Fault> run(const Json& tree) {
    const double nodes = walk(tree, 0);
    if (!fault_ && nodes > kExpandedNodesMax)
      fault_ = Fault{.message =
                         "the statement is too large once its macros and aliases are "
                         "written out",
                     .hint = "use fewer calls within calls, or WITH for the inner ones"};
    return std::move(fault_);
  }

 private:
  void fail(const Json& node, std::string message, std::string hint = kHint) {
    if (fault_) return;
    fault_ = Fault{.message = std::move(message), .hint = std::move(hint)};
    const size_t place = location_of(node);
    if (place <= prepared_.sql.size()) fault_->position = prepared_.position_in_text(place);
  }

  /// Nodes, once expanded.
  double walk(const Json& node, int depth) {
    if (fault_) return 0;
    if (depth > kTreeDepthMax) {
      fail(node, "the statement is nested too deeply", "");
      return 0;
    }
    double sum = 1;
    if (node.is_array()) {
      for (const auto& child : node) sum += walk(child, depth + 1);
      return sum;
    }
    if (!node.is_object()) return 0;
    const auto node_class = class_of(node);
    if (!node_class.empty() || member(node, "class") != nullptr)
      return walk_expression(node, node_class, depth);
    if (const Json* type = member(node, "type"); type != nullptr && type->is_string())
      check_node(node, text_at(node, "type"));
    const bool select = text_at(node, "type") == "SELECT_NODE";
    if (select) aliases_.emplace_back();
    // WITH and FROM first, then the SELECT list in its order, so that aliases are known.
    if (select && member(node, "select_list") != nullptr) {
      for (const auto& item : array_at(node, "select_list")) {
        const double weight = walk(item, depth + 1);
        sum += weight;
        if (const auto alias = text_at(item, "alias"); !alias.empty())
          aliases_.back()[to_lower(alias)] = weight;
      }
    }
    for (const auto& [key, child] : node.items())
      if (child.is_structured() && !(select && key == "select_list")) sum += walk(child, depth + 1);
    if (select) aliases_.pop_back();
    return sum;
  }

  double walk_children(const Json& node, int depth) {
    double sum = 1;
    for (const auto& [key, child] : node.items())
      if (child.is_structured() && key != "cast_type" && key != "value")
        sum += walk(child, depth + 1);
    return sum;
  }

  double walk_expression(const Json& node, std::string_view node_class, int depth) {
    if (!holds(kClasses, node_class)) {
      fail(node, fmt::format("this kind of expression ({}) is not available here",
                             printable(node_class)));
      return 0;
    }
    if (node_class == "COLUMN_REF") return weight_of_name(node);
    if (node_class == "CAST") check_type(member(node, "cast_type"), node, 0);
    if (node_class == "CONSTANT") {
      const Json* value = member(node, "value");
      check_type(value == nullptr ? nullptr : member(*value, "type"), node, 0);
      return 1;
    }
    const bool call = node_class == "FUNCTION" || node_class == "WINDOW";
    if (!call) return walk_children(node, depth);
    const auto name = to_lower(text_at(node, "function_name"));
    check_function(node, name, in_table_function_);
    in_table_function_ = false;
    if (name == "reduce" && array_at(node, "children").size() == 4) {
      // The folded list stands in the last lambda as often as its parameter does.
      double inner = 1;
      const Json& arguments = array_at(node, "children");
      for (size_t i = 0; i < 3; ++i) inner += walk(arguments[i], depth + 1);
      return inner * walk(arguments[3], depth + 1);
    }
    const double sum = walk_children(node, depth);
    return sum * uses_of_arguments(name, array_at(node, "children").size());
  }

  /// How often an argument stands in what the call becomes.
  static double uses_of_arguments(const std::string& name, size_t arguments) {
    const auto* rule = find_rule(name, arguments);
    constexpr std::array<std::string_view, 9> kTwice{
        "json_extract_scalar", "json_extract", "json_size", "json_value",       "json_query",
        "json_exists",         "typeof",       "any_match", "json_array_length"};
    if (name == "all_match" || name == "none_match" || holds(kTwice, name)) return 2;
    return rule != nullptr && find_macro(rule->target) != nullptr ? 3 : 1;
  }

  double weight_of_name(const Json& node) const {
    const Json& names = array_at(node, "column_names");
    if (names.size() != 1 || !names[0].is_string()) return 1;
    const auto name = to_lower(names[0].get<std::string>());
    double weight = 1;
    for (const auto& scope : aliases_)
      if (const auto found = scope.find(name); found != scope.end())
        weight = std::max(weight, found->second);
    return weight;
  }

  void check_node(const Json& node, std::string_view type) {
    if (!holds(kTypes, type)) {
      const bool show = type == "SHOW_REF";
      return fail(node, show ? "SUMMARIZE, and DESCRIBE of a query, are not available here"
                             : fmt::format("this part of a query ({}) is not available here",
                                           printable(type)));
    }
    if (type == "SELECT_NODE" && ++selects_ > kSelectsMax)
      return fail(node, fmt::format("the statement has more than {} SELECTs", kSelectsMax), "");
    const bool relation = type == "BASE_TABLE" || type == "TABLE_FUNCTION" || type == "SUBQUERY";
    if (relation && ++relations_ > kRelationsMax)
      return fail(node, fmt::format("the statement names more than {} tables", kRelationsMax), "");
    if (const Json* at = member(node, "at_clause"); at != nullptr && !at->is_null())
      return fail(node, "AT (VERSION or TIMESTAMP …) is not available here");
    if (type == "TABLE_FUNCTION") {
      const Json* function = member(node, "function");
      const auto name =
          function == nullptr ? std::string() : to_lower(text_at(*function, "function_name"));
      if (!holds(kTableFunctions, name))
        return fail(function == nullptr ? node : *function,
                    fmt::format("the table function '{}' is not available here", printable(name)));
      in_table_function_ = true;
    }
    if (const Json* map = member(node, "cte_map"))
      for (const auto& entry : array_at(*map, "map")) check_common_table(node, entry);
    if (type == "RECURSIVE_CTE_NODE" || type == "CTE_NODE")
      check_common_name(node, text_at(node, "cte_name"));
  }

  void check_common_table(const Json& node, const Json& entry) {
    check_common_name(node, text_at(entry, "key"));
  }

  /// A name that the engine could take for a table or a file of its own.
  void check_common_name(const Json& node, std::string_view name) {
    const auto lower = to_lower(name);
    const bool odd = lower.find_first_of("./*:\\?[") != std::string::npos;
    const bool system =
        std::any_of(kSystemNames.begin(), kSystemNames.end(),
                    [&](std::string_view begin) { return lower.starts_with(begin); });
    if (odd || system)
      fail(node, fmt::format("WITH cannot name a table '{}' here", printable(name)),
           "choose another name");
  }

  void check_type(const Json* type, const Json& node, int depth) {
    if (fault_ || type == nullptr || !type->is_object()) return;
    const auto id = text_at(*type, "id");
    const Json* info = member(*type, "type_info");
    if (depth > 100) return fail(node, "the type is nested too deeply", "");
    if (id == "UNBOUND") {
      const auto name = info == nullptr ? std::string() : to_lower(text_at(*info, "name"));
      const bool marker = name.starts_with(kVarcharMarker);
      const bool plain =
          info != nullptr && text_at(*info, "schema").empty() && text_at(*info, "catalog").empty();
      if (!plain || (!marker && !holds(kNamedTypes, name)))
        fail(node, fmt::format("unknown type '{}'", printable(name)), "");
      return;
    }
    if (!holds(kDataTypes, id) && !holds(kNullTypes, id))
      return fail(node, fmt::format("the type {} is not available here", printable(id)), "");
    if (info == nullptr || !info->is_object()) return;
    check_type(member(*info, "child_type"), node, depth + 1);
    for (const auto& child : array_at(*info, "child_types"))
      check_type(member(child, "second"), node, depth + 1);
  }

  void check_function(const Json& node, const std::string& name, bool table_function) {
    const auto schema = text_at(node, "schema");
    const bool plain = text_at(node, "catalog").empty() && (schema.empty() || schema == "main");
    if (table_function) {
      if (!plain) fail(node, "a table function has no schema here");
      return;
    }
    if (!plain || !is_allowed_function(name)) {
      const auto nearest = plain ? nearest_name(name, function_names()) : std::string_view();
      fail(node, fmt::format("the function '{}' is not available here", printable(name)),
           nearest.empty() ? kHint : fmt::format("did you mean '{}'?", nearest));
      return;
    }
    check_size(node, name);
  }

  /// Calls that can make much out of nothing must say in the text how much.
  void check_size(const Json& node, const std::string& name) {
    const Json& arguments = array_at(node, "children");
    if (name == "sequence" && !is_small_sequence(arguments))
      return fail(node, "sequence() takes numbers written out here, or steps of whole days",
                  fmt::format("at most {} elements; UNNEST and arithmetic make the rest",
                              kMadeOfNothingMax));
    const bool padding = name == "lpad" || name == "rpad" || name == "repeat";
    if (padding && arguments.size() >= 2) {
      const auto width = integer_of(arguments[1]);
      if (!width || *width > kPaddingMax)
        fail(node,
             fmt::format("{}() takes a number written out here, {} at most", name, kPaddingMax),
             "");
    }
    if (name == "format" || name == "printf") {
      const auto* text = arguments.empty() ? nullptr : string_constant(arguments[0]);
      if (text == nullptr || has_wide_field(*text))
        fail(node, "format() takes a format written out here, with fields of 9999 at most", "");
    }
  }

  const Prepared& prepared_;
  std::vector<std::map<std::string, double>> aliases_;
  size_t selects_ = 0;
  size_t relations_ = 0;
  bool in_table_function_ = false;
  std::optional<Fault> fault_;
};

void gather_common_names(const Json& node, std::set<std::string>& names) {
  if (node.is_array()) {
    for (const auto& child : node) gather_common_names(child, names);
    return;
  }
  if (!node.is_object()) return;
  if (const Json* map = member(node, "cte_map"))
    for (const auto& entry : array_at(*map, "map")) names.insert(to_lower(text_at(entry, "key")));
  for (const auto& [key, child] : node.items())
    if (child.is_structured()) gather_common_names(child, names);
}

bool names_only(const Json& node, const std::set<std::string>& names) {
  if (node.is_array())
    return std::all_of(node.begin(), node.end(),
                       [&](const Json& child) { return names_only(child, names); });
  if (!node.is_object()) return true;
  if (class_of(node).empty() && text_at(node, "type") == "BASE_TABLE" &&
      (!text_at(node, "schema_name").empty() || !text_at(node, "catalog_name").empty() ||
       names.count(to_lower(text_at(node, "table_name"))) == 0))
    return false;
  for (const auto& [key, child] : node.items())
    if (child.is_structured() && !names_only(child, names)) return false;
  return true;
}

}  // namespace

std::optional<Fault> check_brackets(std::string_view statement) {
  size_t depth = 0;
  for (const auto& token : tokenize(statement).list) {
    if (token.kind != TokenKind::symbol) continue;
    const char c = statement[token.begin];
    if (c == '(' || c == '[' || c == '{') {
      if (++depth > kBracketDepthMax)
        return Fault{.message = fmt::format("more than {} brackets stand within one another",
                                            kBracketDepthMax),
                     .position = token.begin};
    } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

std::optional<Fault> check_allowed(const Json& tree, const Prepared& prepared) {
  return Checker(prepared).run(array_at(tree, "statements"));
}

std::optional<Fault> check_rewritten(const Json& tree) {
  std::set<std::string> names;
  gather_common_names(tree, names);
  if (names_only(tree, names)) return std::nullopt;
  return Fault{.message = "a table is named where none can be read", .hint = kHint};
}

}  // namespace cairn::lang::athena
