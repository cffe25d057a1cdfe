#include "lang/athena/allow_list.h"

#include "base/text.h"
#include "lang/athena/functions.h"
#include "lang/athena/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
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

constexpr std::array<std::string_view, 34> kDataTypes{"BOOLEAN",
                                                      "NULL",
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

/// Names by which the engine tells of itself.
constexpr std::array<std::string_view, 5> kSystemNames{"duckdb", "pg_", "pragma", "sqlite_",
                                                       "information_schema"};

template <size_t kSize>
bool holds(const std::array<std::string_view, kSize>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// Columns of a table of events, about.
constexpr size_t kTableColumns = 80;

constexpr const char* kHint =
    "statements here read the CloudTrail tables, with Athena's functions; nothing else";

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

  /// A column that a query gives, and how much is written out behind its name.
  struct Output {
    std::string name{};  ///< lower case
    double weight = 1;
  };

  using Outputs = std::vector<Output>;

  /// What names mean within one SELECT.
  struct Scope {
    std::map<std::string, double> aliases{};  ///< of its list, and of its tables as wholes
    std::map<std::string, double> columns{};  ///< of its tables
    std::vector<std::pair<std::string, Outputs>> tables{};
  };

  /// Nodes, once expanded.
  double walk(const Json& node, int depth) {
    if (fault_) return 0;
    if (depth > kTreeDepthMax) {
      fail(node, "the statement is nested too deeply", "");
      return 0;
    }
    if (node.is_array()) {
      double sum = 1;
      for (const auto& child : node) sum += walk(child, depth + 1);
      return sum;
    }
    if (!node.is_object()) return 0;
    const auto node_class = class_of(node);
    if (!node_class.empty() || member(node, "class") != nullptr)
      return walk_expression(node, node_class, depth);
    const Json* type = member(node, "type");
    if (type == nullptr || !type->is_string()) return walk_members(node, depth, {});
    const auto name = text_at(node, "type");
    check_node(node, name);
    const bool query = member(node, "cte_map") != nullptr;
    if (query) return walk_query(node, name, depth);
    return scopes_.empty() ? walk_members(node, depth, {}) : walk_relation(node, name, depth);
  }

  double walk_members(const Json& node, int depth, std::initializer_list<std::string_view> but) {
    double sum = 1;
    for (const auto& [key, child] : node.items())
      if (child.is_structured() && std::find(but.begin(), but.end(), key) == but.end())
        sum += walk(child, depth + 1);
    return sum;
  }

  double walk_member(const Json& node, const char* key, int depth) {
    const Json* child = member(node, key);
    return child != nullptr && child->is_structured() ? walk(*child, depth + 1) : 0;
  }

  /// Leaves in `outputs_` what the query gives.
  double walk_query(const Json& node, std::string_view type, int depth) {
    const size_t common = common_.size();
    double sum = 1;
    const Json& map = *member(node, "cte_map");
    for (const auto& entry : array_at(map, "map")) {
      outputs_.clear();
      sum += walk(entry, depth + 2);
      if (const Json* value = member(entry, "value")) rename(outputs_, *value, "aliases");
      common_.emplace_back(to_lower(text_at(entry, "key")), outputs_);
    }
    outputs_.clear();
    if (type == "SELECT_NODE") {
      sum += walk_select(node, depth);
    } else if (type == "RECURSIVE_CTE_NODE") {
      sum += walk_member(node, "left", depth);
      const Outputs outputs = outputs_;
      common_.emplace_back(to_lower(text_at(node, "cte_name")), outputs);
      sum += walk_members(node, depth, {"cte_map", "left"});
      outputs_ = outputs;
    } else {
      sum += walk_parts(node, depth);
    }
    common_.resize(common);
    return sum;
  }

  /// Of a set operation: a column is as heavy as its heaviest part.
  double walk_parts(const Json& node, int depth) {
    Outputs outputs;
    double sum = 0;
    const auto part = [&](const Json& query) {
      outputs_.clear();
      sum += walk(query, depth + 1);
      if (outputs.empty()) outputs = outputs_;
      for (size_t i = 0; i < outputs.size() && i < outputs_.size(); ++i)
        outputs[i].weight = std::max(outputs[i].weight, outputs_[i].weight);
    };
    for (const auto* key : {"left", "right", "child"})
      if (const Json* query = member(node, key); query != nullptr) part(*query);
    for (const auto& query : array_at(node, "children")) part(query);
    sum += walk_members(node, depth, {"cte_map", "left", "right", "child", "children"});
    outputs_ = std::move(outputs);
    return sum;
  }

  double walk_select(const Json& node, int depth) {
    scopes_.emplace_back();
    double sum = walk_member(node, "from_table", depth);
    Outputs outputs;
    for (const auto& item : array_at(node, "select_list")) {
      const double weight = walk(item, depth + 2);
      sum += weight;
      if (class_of(item) == "STAR") {
        sum += add_star(item, outputs);
      } else {
        const auto alias = to_lower(text_at(item, "alias"));
        const Json& names = array_at(item, "column_names");
        const bool column = !names.empty() && names.back().is_string();
        outputs.push_back({.name = !alias.empty() ? alias
                                   : column       ? to_lower(names.back().get<std::string>())
                                                  : "",
                           .weight = weight});
        if (!alias.empty()) scopes_.back().aliases[alias] = weight;
      }
      if (outputs.size() > kColumnsMax)
        fail(item, fmt::format("a SELECT gives more than {} columns", kColumnsMax), "");
      if (fault_) break;
    }
    sum += walk_members(node, depth, {"cte_map", "from_table", "select_list"});
    scopes_.pop_back();
    outputs_ = std::move(outputs);
    return sum;
  }

  double add_star(const Json& star, Outputs& outputs) const {
    const auto wanted = to_lower(text_at(star, "relation_name"));
    double sum = 0;
    for (const auto& [name, columns] : scopes_.back().tables) {
      if (!wanted.empty() && wanted != name) continue;
      for (const auto& column : columns) {
        sum += column.weight;
        if (outputs.size() <= kColumnsMax) outputs.push_back(column);
      }
    }
    return sum;
  }

  /// An item of FROM. Others that are no expressions, such as modifiers, come by here too.
  double walk_relation(const Json& node, std::string_view type, int depth) {
    Outputs columns;
    double sum = 1;
    auto alias = to_lower(text_at(node, "alias"));
    if (type == "SUBQUERY") {
      outputs_.clear();
      sum += walk_members(node, depth, {});
      columns = outputs_;
    } else if (type == "BASE_TABLE") {
      const auto table = to_lower(text_at(node, "table_name"));
      if (alias.empty()) alias = table;
      columns.resize(kTableColumns);
      const auto found = std::find_if(common_.rbegin(), common_.rend(),
                                      [&](const auto& common) { return common.first == table; });
      if (found != common_.rend()) columns = found->second;
      sum += walk_members(node, depth, {});
    } else if (type == "EXPRESSION_LIST") {
      for (const auto& row : array_at(node, "values")) {
        if (columns.size() < row.size()) columns.resize(row.size());
        for (size_t i = 0; i < row.size(); ++i) {
          const double weight = walk(row[i], depth + 3);
          columns[i].weight = std::max(columns[i].weight, weight);
          sum += weight;
        }
      }
      sum += walk_members(node, depth, {"values"});
    } else {
      sum += walk_members(node, depth, {});
      if (type == "TABLE_FUNCTION") columns.assign(2, {.weight = sum});
    }
    if (columns.empty()) return sum;
    rename(columns, node, "column_name_alias");
    auto& scope = scopes_.back();
    double whole = 1;
    for (const auto& column : columns) {
      auto& weight = scope.columns[column.name];
      weight = std::max(weight, column.weight);
      whole += column.weight;
    }
    scope.aliases[alias] = std::max(scope.aliases[alias], whole);
    scope.tables.emplace_back(std::move(alias), std::move(columns));
    return sum;
  }

  static void rename(Outputs& columns, const Json& node, const char* key) {
    const Json& names = array_at(node, key);
    for (size_t i = 0; i < names.size() && i < columns.size(); ++i)
      if (names[i].is_string()) columns[i].name = to_lower(names[i].get<std::string>());
  }

  double walk_expression(const Json& node, std::string_view node_class, int depth) {
    if (!holds(kClasses, node_class)) {
      fail(node, fmt::format("this kind of expression ({}) is not available here",
                             printable(node_class)));
      return 0;
    }
    if (node_class == "COLUMN_REF") return weight_of_name(node);
    if (node_class == "CONSTANT") {
      const Json* value = member(node, "value");
      check_type(value == nullptr ? nullptr : member(*value, "type"), node, 0);
      return 1;
    }
    if (node_class == "CAST") {
      check_type(member(node, "cast_type"), node, 0);
      return walk_members(node, depth, {"cast_type"});
    }
    const bool call = node_class == "FUNCTION" || node_class == "WINDOW";
    if (!call) return walk_members(node, depth, {});
    const auto name = to_lower(text_at(node, "function_name"));
    check_function(node, name, &node == table_function_);
    if (name == "reduce" && array_at(node, "children").size() == 4) {
      // The folded list stands in the last lambda as often as its parameter does.
      double inner = 1;
      const Json& arguments = array_at(node, "children");
      for (size_t i = 0; i < 3; ++i) inner += walk(arguments[i], depth + 2);
      return inner * walk(arguments[3], depth + 2) + walk_members(node, depth, {"children"});
    }
    const double sum = walk_members(node, depth, {});
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

  /// Any of the names of a.b.c may be that of a column: the heaviest counts.
  double weight_of_name(const Json& node) const {
    double weight = 1;
    for (const auto& part : array_at(node, "column_names")) {
      if (!part.is_string()) continue;
      const auto name = to_lower(part.get<std::string>());
      const bool alone = array_at(node, "column_names").size() == 1;
      for (const auto& scope : scopes_) {
        const auto column = scope.columns.find(name);
        if (column != scope.columns.end()) weight = std::max(weight, column->second);
        const auto alias = scope.aliases.find(name);
        if (alone && alias != scope.aliases.end()) weight = std::max(weight, alias->second);
      }
    }
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
      table_function_ = function;
    }
    if (const Json* map = member(node, "cte_map"))
      for (const auto& entry : array_at(*map, "map"))
        check_common_name(node, text_at(entry, "key"));
    if (type == "RECURSIVE_CTE_NODE" || type == "CTE_NODE")
      check_common_name(node, text_at(node, "cte_name"));
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
    if (!holds(kDataTypes, id))
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
    if (auto fault = check_amount(node, name)) fail(node, fault->message, fault->hint);
  }

  const Prepared& prepared_;
  std::vector<Scope> scopes_;
  std::vector<std::pair<std::string, Outputs>> common_;  ///< of WITH, the innermost last
  Outputs outputs_;                                      ///< of the last query that was walked
  size_t selects_ = 0;
  size_t relations_ = 0;
  const Json* table_function_ = nullptr;
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
