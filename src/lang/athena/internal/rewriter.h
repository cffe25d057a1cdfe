// The state of one rewrite. Three files hold its parts: queries and FROM, expressions, functions.
#pragma once

#include "lang/athena/rewrite.h"
#include "lang/athena/views.h"

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::lang::athena {

/// How deep queries and expressions may be nested in one another.
constexpr int kDepthMax = 400;

struct OutputColumn {
  std::string name;
  Kind kind = Kind::unknown;
};

/// What a query or a FROM item offers under names. Not `known`: anything may be among it.
struct Outputs {
  std::vector<OutputColumn> columns;
  bool known = true;
};

/// One item of FROM.
struct Relation {
  std::string alias;
  std::string schema;                    ///< as written, for names like "default".t.column
  const View* view = nullptr;            ///< of a CloudTrail table
  Json* node = nullptr;                  ///< of a CloudTrail table: where its derived table goes
  Outputs outputs;                       ///< of anything else
  std::map<std::string, Json> needed{};  ///< of a CloudTrail table: columns of its derived table
};

struct Scope {
  Scope* outer = nullptr;
  std::vector<std::unique_ptr<Relation>> relations{};
  std::set<std::string> using_columns{};                ///< lower case
  std::vector<std::pair<std::string, Json>> aliases{};  ///< of the SELECT list, rewritten
  std::set<std::string> alias_names{};  ///< lower case, known before they are rewritten
  std::set<std::string> grouped{};      ///< "alias.column" that GROUP BY names bare
};

/// A column reference, resolved.
struct Resolved {
  Relation* relation = nullptr;  ///< nullptr: not one of a CloudTrail table
  const Field* field = nullptr;
  std::vector<std::string> rest{};  ///< what follows `field` in the path
  std::string output_name{};        ///< of the derived table
};

enum class Clause : uint8_t { select, from, where, group_by, having, order_by };

class Rewriter {
 public:
  Rewriter(const Prepared& prepared, std::string_view text, const RewriteOptions& options)
      : prepared_(prepared), text_(text), options_(options) {}

  Rewritten run(Json tree);

 private:
  struct CommonTable {
    std::string name;  ///< lower case
    Outputs outputs;
  };

  // rewrite_query.cc
  Outputs rewrite_query(Json& node, Scope* outer, bool top);
  Outputs rewrite_select(Json& node, Scope* outer, bool top);
  Outputs rewrite_set_operation(Json& node, Scope* outer, bool top);
  void add_common_tables(Json& node, Scope* outer);
  void build_from(Json& node, Scope& scope);
  void add_table(Json& node, Scope& scope);
  void add_join(Json& node, Scope& scope);
  void add_table_function(Json& node, Scope& scope);
  void rewrite_from_expressions(Json& node, Scope& scope);
  void finish_from(Scope& scope);
  void expand_stars(Json& node, Scope& scope);
  void expand_star(const Json& star, Scope& scope, Json& list);
  void note_grouped(const Json& node, Scope& scope);
  Outputs rewrite_select_list(Json& node, Scope& scope, bool top);
  void rewrite_modifiers(Json& node, Scope& scope, const Outputs& outputs);
  void rewrite_order(Json& order, Scope& scope, bool distinct);
  const CommonTable* find_common_table(std::string_view name) const;
  void unknown_table(const Json& node);

  // rewrite_expression.cc
  Kind rewrite_expression(Json& node);
  Kind rewrite_column(Json& node);
  Kind rewrite_comparison(Json& node);
  Kind rewrite_between(Json& node);
  Kind rewrite_cast(Json& node);
  Kind rewrite_cast_type(Json& node, Kind from, bool literal_syntax);
  Kind rewrite_operator(Json& node);
  Kind rewrite_subscript(Json& node);
  Kind rewrite_case(Json& node);
  Kind rewrite_window(Json& node);
  Kind rewrite_subquery(Json& node);
  Kind rewrite_lambda(Json& node);
  Kind rewrite_other(Json& node);
  void rewrite_list(Json& list);
  void rewrite_member(Json& node, const char* key);
  /// Rewrites `side`, which is compared with `other`: a column that means another physical one in
  /// that company becomes that one.
  Kind rewrite_beside(Json& side, const Json& other, Kind other_kind);
  void check_comparable(const Json& node, const Json& left, Kind left_kind, const Json& right,
                        Kind right_kind);
  bool resolve(const Json& ref, Resolved& out);
  bool resolve_in(Relation& relation, std::span<const std::string> path, Resolved& out);
  void unresolved(const Json& ref);
  Json use(Relation& relation, const Field& field, const std::string& output_name);
  Json use_internal(Relation& relation, std::string_view field_name);
  bool is_grouped(const Relation& relation, const std::string& output_name) const;
  bool is_lambda_name(std::string_view name) const;
  void no_field(const Json& ref, const Resolved& resolved);
  /// The CloudTrail column that `ref` (not rewritten yet) names plainly; false if it is none.
  bool plain_column(const Json& ref, Resolved& out);

  // rewrite_function.cc
  Kind rewrite_function(Json& node);
  bool rewrite_special(Json& node, const std::string& name, Kind& kind);
  bool rewrite_json_function(Json& node, const std::string& name, Kind& kind);
  bool rewrite_time_function(Json& node, const std::string& name, Kind& kind);
  bool rewrite_collection_function(Json& node, const std::string& name, Kind& kind);
  bool rewrite_map_lambda(Json& node, const std::string& name);
  Kind rewrite_json_path(Json& node, const std::string& name);
  Kind rewrite_date_add(Json& node);
  Kind rewrite_date_diff(Json& node);
  Kind rewrite_formatted_time(Json& node, const std::string& name);
  Kind rewrite_element_at(Json& node);
  Json guarded_json(Json value, Kind kind);
  Json macro(std::string_view name, std::vector<Json> arguments);
  void need_macro(std::string_view name);
  std::vector<Kind> rewrite_arguments(Json& node);
  bool fast_time(Json& node);

  // rewrite_bounds.cc
  void note_bounds(const Json& where, Scope& scope);
  void note_condition(const Json& condition, Scope& scope, std::map<Relation*, ScanBounds>& found);
  void note_comparison(std::string_view type, const Json& column, const Json& value, Scope& scope,
                       std::map<Relation*, ScanBounds>& found);
  void note_values(const Json& column, const Json* values, size_t count, Scope& scope,
                   std::map<Relation*, ScanBounds>& found);

  void fail(Fault fault);
  /// A fault at `node`'s place; `length` bytes of the user's text are marked, 0: the token there.
  void fail_at(const Json& node, std::string message, std::string note = {}, std::string hint = {});
  size_t place_of(const Json& node) const;
  const View& view(Flavour flavour);

  const Prepared& prepared_;
  std::string_view text_;
  RewriteOptions options_;
  std::map<Flavour, View> views_;
  std::vector<CommonTable> common_tables_;
  std::vector<std::string> lambda_names_;
  Scope* scope_ = nullptr;
  Clause clause_ = Clause::select;
  bool strict_ = false;  ///< an Athena or Lake table is used: Athena's rules for aliases hold
  int depth_ = 0;
  Rewritten out_;
};

/// Every node class of the tree that holds other expressions, for walks that only look.
bool is_constant_expression(const Json& node);

/// Returns the names of a column reference: table and column, or column and fields.
std::vector<std::string> path_of(const Json& ref);

}  // namespace cairn::lang::athena
