// Names of columns: whose they are, and what to say of those that are nobody's.
#include "base/text.h"
#include "lang/athena/internal/rewriter.h"
#include "lang/athena/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::lang::athena {
namespace {

std::string dotted(std::span<const std::string> path) {
  std::string out;
  for (const auto& name : path) out += (out.empty() ? "" : ".") + name;
  return out;
}

struct BareFunction {
  std::string_view name;
  std::string_view function;  ///< the engine's, as a call; "": only the bare name means it
};

/// Names without parentheses that are functions, not columns. As calls, since in a SELECT list the
/// engine would take a bare name for its own alias.
constexpr std::array kBareFunctions{
    BareFunction{"current_timestamp", "get_current_timestamp"},
    BareFunction{"current_date", "current_date"},
    BareFunction{"current_time", "get_current_time"},
    BareFunction{"localtimestamp", "current_localtimestamp"},
    BareFunction{"localtime", "current_localtime"},
    BareFunction{"current_user", ""},
    BareFunction{"current_catalog", ""},
    BareFunction{"current_schema", ""},
    BareFunction{"rowid", ""},
};

const BareFunction* find_bare_function(std::string_view name) {
  const auto* const found =
      std::find_if(kBareFunctions.begin(), kBareFunctions.end(),
                   [&](const BareFunction& each) { return equals_ignoring_case(name, each.name); });
  return found == kBareFunctions.end() ? nullptr : found;
}

Kind kind_of_function_name(std::string_view name) {
  if (equals_ignoring_case(name, "current_date")) return Kind::date;
  if (equals_ignoring_case(name, "current_timestamp")) return Kind::timestamp_tz;
  return Kind::unknown;
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

std::vector<std::string> path_of(const Json& ref) {
  std::vector<std::string> path;
  for (const auto& name : array_at(ref, "column_names"))
    if (name.is_string()) path.push_back(name.get<std::string>());
  return path;
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
  const bool may_be_table = path.size() > 1 && wanted.data() == path[0].data();
  fail_at(ref, fmt::format("unknown {} '{}'", may_be_table ? "table or column" : "column", wanted),
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
    const auto* bare = path.size() == 1 ? find_bare_function(path[0]) : nullptr;
    if (bare != nullptr && bare->function.empty() && options_.only_event_tables) bare = nullptr;
    if (bare != nullptr) {
      if (!bare->function.empty()) node = call(bare->function, {});
      return kind_of_function_name(path[0]);
    }
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

}  // namespace cairn::lang::athena
