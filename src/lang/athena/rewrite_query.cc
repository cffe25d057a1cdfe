#include "base/text.h"
#include "lang/athena/internal/rewriter.h"
#include "lang/athena/lexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::lang::athena {
namespace {

/// The name that Trino gives a column of the SELECT list without an alias; "" for `_colN`.
std::string natural_name(const Json& item) {
  if (class_of(item) == "COLUMN_REF") {
    const Json& names = array_at(item, "column_names");
    if (!names.empty() && names.back().is_string()) return names.back().get<std::string>();
  }
  if (text_at(item, "type") == "STRUCT_EXTRACT") {
    const Json& children = array_at(item, "children");
    if (children.size() == 2)
      if (const auto* name = string_constant(children[1])) return *name;
  }
  return {};
}

/// Adds the names of all columns that the expression reads.
void note_columns(const Json& expression, std::set<std::string>& columns) {
  if (class_of(expression) == "COLUMN_REF") {
    const Json& names = array_at(expression, "column_names");
    if (!names.empty() && names.back().is_string()) columns.insert(names.back().get<std::string>());
  }
  if (expression.is_structured())
    for (const auto& part : expression) note_columns(part, columns);
}

std::string quoted_for_list(std::string_view name) {
  return fmt::format("'{}'", name);
}

}  // namespace

Rewritten Rewriter::run(Json tree) {
  Json& statements = array_at(tree, "statements");
  if (statements.size() != 1 || member(statements[0], "node") == nullptr) {
    fail({.message = "the statement is no query"});
    return std::move(out_);
  }
  rewrite_query(*member(statements[0], "node"), nullptr, true);
  out_.tree = std::move(tree);
  return std::move(out_);
}

Outputs Rewriter::rewrite_query(Json& node, Scope* outer, bool top) {
  const std::string type(text_at(node, "type"));
  if (out_.fault) return {};
  if (++depth_ > kDepthMax) {
    fail({.message = "the query is nested too deeply"});
    --depth_;
    return {};
  }
  const size_t common_tables = common_tables_.size();
  add_common_tables(node, outer);
  Outputs outputs{.columns = {}, .known = false};
  if (type == "SELECT_NODE")
    outputs = rewrite_select(node, outer, top);
  else if (type == "SET_OPERATION_NODE")
    outputs = rewrite_set_operation(node, outer, top);
  else if (type == "CTE_NODE" && member(node, "child") != nullptr)
    outputs = rewrite_query(*member(node, "child"), outer, top);
  common_tables_.resize(common_tables);
  --depth_;
  return outputs;
}

void Rewriter::add_common_tables(Json& node, Scope* outer) {
  Json* map = member(node, "cte_map");
  if (map == nullptr) return;
  for (auto& entry : array_at(*map, "map")) {
    const std::string name = to_lower(text_at(entry, "key"));
    Json* value = member(entry, "value");
    Json* query = value == nullptr ? nullptr : member(*value, "query");
    Json* body = query == nullptr ? nullptr : member(*query, "node");
    if (body == nullptr) continue;
    Outputs outputs;
    if (text_at(*body, "type") == "RECURSIVE_CTE_NODE") {
      Json* left = member(*body, "left");
      Json* right = member(*body, "right");
      if (left == nullptr || right == nullptr) continue;
      outputs = rewrite_query(*left, outer, false);
      const Json& names = array_at(*value, "aliases");
      for (size_t i = 0; i < names.size() && i < outputs.columns.size(); ++i)
        if (names[i].is_string()) outputs.columns[i].name = names[i].get<std::string>();
      common_tables_.push_back({name, outputs});
      rewrite_query(*right, outer, false);
      continue;
    }
    outputs = rewrite_query(*body, outer, false);
    const Json& names = array_at(*value, "aliases");
    for (size_t i = 0; i < names.size() && i < outputs.columns.size(); ++i)
      if (names[i].is_string()) outputs.columns[i].name = names[i].get<std::string>();
    common_tables_.push_back({name, std::move(outputs)});
  }
}

Outputs Rewriter::rewrite_set_operation(Json& node, Scope* outer, bool top) {
  Outputs outputs;
  bool first = true;
  std::vector<Json*> parts;
  for (const auto* key : {"left", "right"})
    if (Json* part = member(node, key); part != nullptr && part->is_object()) parts.push_back(part);
  if (Json* children = member(node, "children"); children != nullptr && children->is_array())
    for (auto& child : *children) parts.push_back(&child);
  for (auto* part : parts) {
    Outputs of_part = rewrite_query(*part, outer, top);
    if (first) outputs = std::move(of_part);
    first = false;
  }
  Scope scope{.outer = outer};  // ORDER BY sees the output names only
  rewrite_modifiers(node, scope, outputs);
  return outputs;
}

Outputs Rewriter::rewrite_select(Json& node, Scope* outer, bool top) {
  Scope scope{.outer = outer};
  Scope* const scope_before = scope_;
  const Clause clause_before = clause_;
  scope_ = &scope;
  clause_ = Clause::from;
  if (Json* from = member(node, "from_table"); from != nullptr && from->is_object()) {
    build_from(*from, scope);
    rewrite_from_expressions(*from, scope);
  }
  expand_stars(node, scope);
  note_grouped(node, scope);
  for (const auto& item : array_at(node, "select_list"))
    if (const auto alias = text_at(item, "alias"); !alias.empty())
      scope.alias_names.insert(to_lower(alias));
  clause_ = Clause::group_by;
  rewrite_list(array_at(node, "group_expressions"));
  clause_ = Clause::select;
  Outputs outputs = rewrite_select_list(node, scope, top);
  clause_ = Clause::where;
  rewrite_member(node, "where_clause");
  if (const Json* where = member(node, "where_clause"); where != nullptr && !out_.fault)
    note_bounds(*where, scope);
  else
    note_bounds(Json(), scope);
  clause_ = Clause::having;
  rewrite_member(node, "having");
  rewrite_member(node, "qualify");
  clause_ = Clause::order_by;
  rewrite_modifiers(node, scope, outputs);
  finish_from(scope);
  scope_ = scope_before;
  clause_ = clause_before;
  return outputs;
}

void Rewriter::build_from(Json& node, Scope& scope) {
  const auto type = text_at(node, "type");
  if (out_.fault) return;
  if (type == "BASE_TABLE") return add_table(node, scope);
  if (type == "JOIN") return add_join(node, scope);
  if (type == "TABLE_FUNCTION") return add_table_function(node, scope);
  if (type == "EMPTY") return;
  auto relation = std::make_unique<Relation>();
  relation->alias = text_at(node, "alias");
  relation->outputs.known = false;
  if (type == "SUBQUERY") {
    Json* subquery = member(node, "subquery");
    if (subquery != nullptr && member(*subquery, "node") != nullptr)
      relation->outputs = rewrite_query(*member(*subquery, "node"), &scope, false);
  } else if (type == "PIVOT") {
    fail_at(node, "PIVOT is not supported", {}, "count_if() per column does the same");
  }
  const Json& names = array_at(std::as_const(node), "column_name_alias");
  if (!names.empty() && relation->outputs.columns.empty()) {
    relation->outputs.known = true;
    relation->outputs.columns.resize(names.size());
  }
  for (size_t i = 0; i < names.size() && i < relation->outputs.columns.size(); ++i)
    if (names[i].is_string()) relation->outputs.columns[i].name = names[i].get<std::string>();
  scope.relations.push_back(std::move(relation));
}

const Rewriter::CommonTable* Rewriter::find_common_table(std::string_view name) const {
  for (auto it = common_tables_.rbegin(); it != common_tables_.rend(); ++it)
    if (equals_ignoring_case(it->name, name)) return &*it;
  return nullptr;
}

void Rewriter::add_table(Json& node, Scope& scope) {
  auto relation = std::make_unique<Relation>();
  const std::string table(text_at(node, "table_name"));
  relation->schema = text_at(node, "schema_name");
  relation->alias = text_at(node, "alias").empty() ? table : std::string(text_at(node, "alias"));
  Flavour flavour = Flavour::cairn;
  const CommonTable* common = relation->schema.empty() ? find_common_table(table) : nullptr;
  if (common != nullptr) {
    relation->outputs = common->outputs;
  } else if (find_flavour(relation->schema, table, flavour)) {
    if (flavour != Flavour::cairn) strict_ = true;
    relation->view = &view(flavour);
    relation->node = &node;
    if (!array_at(std::as_const(node), "column_name_alias").empty())
      fail_at(node, "a CloudTrail table cannot be given other column names", {},
              "name the columns in a SELECT: (SELECT eventName AS a FROM cloudtrail) AS t");
  } else {
    relation->outputs.known = false;
    const bool is_file = table.find_first_of("./*") != std::string::npos;
    const bool engine_knows =
        is_file || equals_ignoring_case(relation->schema, "information_schema");
    if (!engine_knows || options_.only_event_tables) unknown_table(node);
  }
  scope.relations.push_back(std::move(relation));
}

void Rewriter::unknown_table(const Json& node) {
  std::vector<std::string_view> names{"cloudtrail", "cloudtrail_logs"};
  for (const auto& table : common_tables_) names.push_back(table.name);
  const auto table = text_at(node, "table_name");
  const auto nearest = nearest_name(table, names);
  fail_at(
      node, fmt::format("unknown table '{}'", table),
      nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest),
      "tables are cloudtrail, any name that begins with cloudtrail_ (Athena's columns), and the "
      "id of an event data store (CloudTrail Lake's)");
}

void Rewriter::add_join(Json& node, Scope& scope) {
  if (text_at(node, "ref_type") == "NATURAL")
    return fail_at(node, "NATURAL JOIN is not supported", {}, "name the columns: JOIN … USING (…)");
  for (const auto* side : {"left", "right"})
    if (Json* child = member(node, side); child != nullptr) build_from(*child, scope);
  for (const auto& name : array_at(std::as_const(node), "using_columns")) {
    if (!name.is_string()) continue;
    const std::string column = name.get<std::string>();
    scope.using_columns.insert(to_lower(column));
    for (auto& relation : scope.relations)
      if (relation->view != nullptr)
        if (const Field* field = relation->view->root.find(column)) use(*relation, *field, column);
  }
}

void Rewriter::add_table_function(Json& node, Scope& scope) {
  auto relation = std::make_unique<Relation>();
  const Json* function = member(node, "function");
  relation->alias = text_at(node, "alias");
  if (relation->alias.empty() && function != nullptr)
    relation->alias = text_at(*function, "function_name");
  const Json& names = array_at(std::as_const(node), "column_name_alias");
  relation->outputs.known = !names.empty();
  for (const auto& name : names)
    if (name.is_string())
      relation->outputs.columns.push_back({name.get<std::string>(), Kind::unknown});
  scope.relations.push_back(std::move(relation));
}

void Rewriter::rewrite_from_expressions(Json& node, Scope& scope) {
  const auto type = text_at(node, "type");
  if (type == "JOIN") {
    for (const auto* side : {"left", "right"})
      if (Json* child = member(node, side); child != nullptr)
        rewrite_from_expressions(*child, scope);
    rewrite_member(node, "condition");
  } else if (type == "TABLE_FUNCTION") {
    if (Json* function = member(node, "function"); function != nullptr)
      rewrite_list(array_at(*function, "children"));
  } else if (type == "EXPRESSION_LIST") {
    for (auto& row : array_at(node, "values"))
      if (row.is_array()) rewrite_list(row);
  }
}

void Rewriter::finish_from(Scope& scope) {
  if (out_.fault) return;
  for (auto& relation : scope.relations) {
    if (relation->view == nullptr) continue;
    std::vector<Json> columns;
    for (auto& [name, value] : relation->needed) {
      value["alias"] = name;
      note_columns(value, out_.columns);
      columns.push_back(std::move(value));
    }
    if (columns.empty()) {  // count(*) reads no column
      columns.push_back(constant(int64_t{1}));
      columns.back()["alias"] = "@none";
    }
    const Json sample = relation->node->value("sample", Json());
    *relation->node =
        derived_table(select_from_function(std::move(columns), "read_cloudtrail"), relation->alias);
    (*relation->node)["sample"] = sample;
  }
}

void Rewriter::expand_stars(Json& node, Scope& scope) {
  Json& list = array_at(node, "select_list");
  const bool any = std::any_of(list.begin(), list.end(),
                               [](const Json& item) { return class_of(item) == "STAR"; });
  const bool ours = std::any_of(scope.relations.begin(), scope.relations.end(),
                                [](const auto& relation) { return relation->view != nullptr; });
  if (!any || !ours) return;
  Json expanded = Json::array();
  for (auto& item : list) {
    if (class_of(item) == "STAR")
      expand_star(item, scope, expanded);
    else
      expanded.push_back(std::move(item));
  }
  list = std::move(expanded);
}

void Rewriter::expand_star(const Json& star, Scope& scope, Json& list) {
  const Json* columns = member(star, "columns");
  const Json* expression = member(star, "expr");
  const bool is_columns = (columns != nullptr && columns->is_boolean() && columns->get<bool>()) ||
                          (expression != nullptr && expression->is_object());
  if (is_columns || !array_at(star, "rename_list").empty())
    return fail_at(star, "COLUMNS(…), LIKE and RENAME are not supported on a CloudTrail table", {},
                   "name the columns, or use * EXCLUDE (…)");
  std::set<std::string> excluded;
  for (const auto* key : {"exclude_list", "qualified_exclude_list"})
    for (const auto& name : array_at(star, key)) {
      if (name.is_string())
        excluded.insert(to_lower(name.get<std::string>()));
      else if (!text_at(name, "column").empty())
        excluded.insert(to_lower(text_at(name, "column")));
    }
  const auto wanted = text_at(star, "relation_name");
  std::set<std::string> joined;
  bool found = false;
  for (auto& relation : scope.relations) {
    if (!wanted.empty() && !equals_ignoring_case(wanted, relation->alias)) continue;
    found = true;
    if (relation->view == nullptr) {
      Json part = star;
      part["relation_name"] = relation->alias;
      list.push_back(std::move(part));
      continue;
    }
    for (const auto& field : relation->view->root.fields) {
      const std::string lower = to_lower(field.name);
      if (!field.in_star || excluded.count(lower) != 0) continue;
      if (scope.using_columns.count(lower) != 0 && !joined.insert(lower).second) continue;
      Json item = column_ref({relation->alias, field.name});
      for (const auto& replacement : array_at(star, "replace_list"))
        if (equals_ignoring_case(text_at(replacement, "key"), field.name) &&
            member(replacement, "value") != nullptr)
          item = *member(replacement, "value");
      item["alias"] = field.name;
      list.push_back(std::move(item));
    }
  }
  if (!found) fail_at(star, fmt::format("unknown table {} before '.*'", quoted_for_list(wanted)));
}

void Rewriter::note_grouped(const Json& node, Scope& scope) {
  const Json& list = array_at(node, "select_list");
  for (const auto& expression : array_at(node, "group_expressions")) {
    const Json* target = &expression;
    if (class_of(expression) == "CONSTANT") {
      const Json* value = member(expression, "value");
      const Json* number = value == nullptr ? nullptr : member(*value, "value");
      if (number == nullptr || !number->is_number_integer()) continue;
      const auto ordinal = number->get<int64_t>();
      if (ordinal < 1 || ordinal > static_cast<int64_t>(list.size())) continue;
      target = &list[static_cast<size_t>(ordinal - 1)];
    }
    Resolved resolved;
    if (plain_column(*target, resolved))
      scope.grouped.insert(resolved.relation->alias + '\n' + resolved.output_name);
  }
}

Outputs Rewriter::rewrite_select_list(Json& node, Scope& scope, bool top) {
  Outputs outputs;
  const auto any_cairn =
      std::all_of(scope.relations.begin(), scope.relations.end(), [](const auto& relation) {
        return relation->view != nullptr && relation->view->flavour != Flavour::athena;
      });
  size_t index = 0;
  for (auto& item : array_at(node, "select_list")) {
    if (class_of(item) == "STAR") {
      bool known = false;
      for (const auto& relation : scope.relations) {
        const auto wanted = text_at(item, "relation_name");
        if (!wanted.empty() && !equals_ignoring_case(wanted, relation->alias)) continue;
        known = relation->outputs.known;
        for (const auto& column : relation->outputs.columns) outputs.columns.push_back(column);
        if (!known) break;
      }
      if (!known) outputs.known = false;
      index = outputs.columns.size();
      continue;
    }
    const bool named = !text_at(item, "alias").empty();
    std::string name = named ? std::string(text_at(item, "alias")) : natural_name(item);
    Resolved resolved;
    if (!named && !name.empty() && plain_column(item, resolved))
      name = resolved.field->name;
    else if (!named && !name.empty() && !any_cairn)
      name = to_lower(name);
    if (name.empty()) name = fmt::format("_col{}", index);
    const Kind kind = rewrite_expression(item);
    item["alias"] = "";  // within a call it would name an argument
    scope.aliases.emplace_back(name, item);
    if (top && kind == Kind::ipaddress) {
      std::vector<Json> argument;
      argument.push_back(std::move(item));
      item = macro("athena_ip_text", std::move(argument));
    }
    item["alias"] = name;
    outputs.columns.push_back({name, kind});
    ++index;
  }
  return outputs;
}

void Rewriter::rewrite_modifiers(Json& node, Scope& scope, const Outputs& outputs) {
  bool distinct = text_at(node, "type") == "SET_OPERATION_NODE";
  for (const auto& modifier : array_at(std::as_const(node), "modifiers"))
    if (text_at(modifier, "type") == "DISTINCT_MODIFIER") distinct = true;
  if (distinct && scope.aliases.empty())
    for (const auto& column : outputs.columns) scope.aliases.emplace_back(column.name, Json());
  for (auto& modifier : array_at(node, "modifiers")) {
    const auto type = text_at(modifier, "type");
    if (type == "ORDER_MODIFIER") {
      for (auto& order : array_at(modifier, "orders")) rewrite_order(order, scope, distinct);
    } else if (type == "DISTINCT_MODIFIER") {
      rewrite_list(array_at(modifier, "distinct_on_targets"));
    } else {
      rewrite_member(modifier, "limit");
      rewrite_member(modifier, "offset");
    }
  }
}

void Rewriter::rewrite_order(Json& order, Scope& scope, bool distinct) {
  Json* expression = member(order, "expression");
  if (expression == nullptr) return;
  const Json& names = array_at(std::as_const(*expression), "column_names");
  if (class_of(*expression) == "COLUMN_REF" && names.size() == 1 && names[0].is_string())
    for (const auto& [alias, value] : scope.aliases)
      if (equals_ignoring_case(alias, names[0].get<std::string>())) {
        if (!distinct && is_call(value, "athena_ip")) *expression = value;
        return;  // an output name, which the engine finds
      }
  if (text_at(*expression, "type") == "STAR") return;  // ORDER BY ALL
  Scope* const before = scope_;
  scope_ = &scope;
  rewrite_expression(*expression);
  scope_ = before;
}

void Rewriter::fail(Fault fault) {
  if (!out_.fault) out_.fault = std::move(fault);
}

size_t Rewriter::place_of(const Json& node) const {
  const size_t location = location_of(node);
  if (location > prepared_.sql.size()) return Fault::kNowhere;
  return prepared_.position_in_text(location);
}

void Rewriter::fail_at(const Json& node, std::string message, std::string note, std::string hint) {
  Fault fault{.message = std::move(message),
              .position = place_of(node),
              .length = 1,
              .note = std::move(note),
              .hint = std::move(hint)};
  if (fault.position != Fault::kNowhere && fault.position < text_.size()) {
    const auto rest = text_.substr(fault.position);
    bool dot = true;
    for (const auto& token : tokenize(rest.substr(0, 300)).list) {  // a.b.c is marked whole
      const bool is_dot = rest[token.begin] == '.';
      if (!is_dot && !dot) break;
      dot = is_dot;
      fault.length = token.end;
    }
  }
  fail(std::move(fault));
}

const View& Rewriter::view(Flavour flavour) {
  const auto it = views_.find(flavour);
  if (it != views_.end()) return it->second;
  return views_.emplace(flavour, make_view(flavour)).first->second;
}

Rewritten rewrite(Json tree, const Prepared& prepared, std::string_view text,
                  const RewriteOptions& options) {
  return Rewriter(prepared, text, options).run(std::move(tree));
}

}  // namespace cairn::lang::athena
