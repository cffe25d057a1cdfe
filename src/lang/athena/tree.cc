#include "lang/athena/tree.h"

#include "base/text.h"
#include "lang/athena/fault.h"

#include <array>

namespace cairn::lang::athena {
namespace {

constexpr uint64_t kNoLocation = UINT64_MAX;

Json expression(std::string_view node_class, std::string_view type) {
  return Json{
      {"class", node_class}, {"type", type}, {"alias", ""}, {"query_location", kNoLocation}};
}

Json array_of(std::vector<Json> elements) {
  Json out = Json::array();
  for (auto& element : elements) out.push_back(std::move(element));
  return out;
}

Json value_of(std::string_view type, Json value) {
  Json node = expression("CONSTANT", "VALUE_CONSTANT");
  node["value"] = Json{{"type", Json{{"id", type}, {"type_info", nullptr}}},
                       {"is_null", false},
                       {"value", std::move(value)}};
  return node;
}

}  // namespace

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, 17> kNames{
      "unknown", "varchar",  "varchar",   "boolean",  "integer",   "number",
      "json",    "map",      "array",     "row",      "timestamp", "timestamp with time zone",
      "date",    "interval", "ipaddress", "ipprefix", "null"};
  return kNames[static_cast<size_t>(kind)];
}

Json* member(Json& node, const char* key) {
  if (!node.is_object()) return nullptr;
  const auto it = node.find(key);
  return it == node.end() ? nullptr : &*it;
}

const Json* member(const Json& node, const char* key) {
  if (!node.is_object()) return nullptr;
  const auto it = node.find(key);
  return it == node.end() ? nullptr : &*it;
}

std::string_view text_at(const Json& node, const char* key) {
  const Json* value = member(node, key);
  return value != nullptr && value->is_string()
             ? std::string_view(*value->get_ptr<const std::string*>())
             : std::string_view();
}

Json& array_at(Json& node, const char* key) {
  Json* value = member(node, key);
  if (value != nullptr && value->is_array()) return *value;
  if (!node.is_object()) node = Json::object();
  return node[key] = Json::array();
}

const Json& array_at(const Json& node, const char* key) {
  static const Json kEmpty = Json::array();
  const Json* value = member(node, key);
  return value != nullptr && value->is_array() ? *value : kEmpty;
}

size_t location_of(const Json& node) {
  const Json* value = member(node, "query_location");
  if (value == nullptr || !value->is_number_unsigned()) return Fault::kNowhere;
  return static_cast<size_t>(value->get<uint64_t>());
}

const std::string* string_constant(const Json& node) {
  if (class_of(node) != "CONSTANT") return nullptr;
  const Json* value = member(node, "value");
  if (value == nullptr) return nullptr;
  const Json* type = member(*value, "type");
  if (type == nullptr || text_at(*type, "id") != "VARCHAR") return nullptr;
  const Json* text = member(*value, "value");
  return text == nullptr ? nullptr : text->get_ptr<const std::string*>();
}

bool is_call(const Json& node, std::string_view function) {
  return class_of(node) == "FUNCTION" &&
         equals_ignoring_case(text_at(node, "function_name"), function);
}

Json column_ref(const std::vector<std::string>& names) {
  Json node = expression("COLUMN_REF", "COLUMN_REF");
  node["column_names"] = names;
  return node;
}

Json constant(std::string_view text) {
  return value_of("VARCHAR", std::string(text));
}

Json constant(int64_t number) {
  return value_of("BIGINT", number);
}

Json null_constant() {
  Json node = expression("CONSTANT", "VALUE_CONSTANT");
  node["value"] = Json{{"type", Json{{"id", "NULL"}, {"type_info", nullptr}}}, {"is_null", true}};
  return node;
}

Json call(std::string_view function, std::vector<Json> arguments) {
  Json node = expression("FUNCTION", "FUNCTION");
  node["function_name"] = function;
  node["schema"] = "";
  node["catalog"] = "";
  node["children"] = array_of(std::move(arguments));
  node["filter"] = nullptr;
  node["order_bys"] = Json{{"type", "ORDER_MODIFIER"}, {"orders", Json::array()}};
  node["distinct"] = false;
  node["is_operator"] = false;
  node["export_state"] = false;
  return node;
}

Json infix(std::string_view symbol, Json left, Json right) {
  std::vector<Json> operands;
  operands.push_back(std::move(left));
  operands.push_back(std::move(right));
  Json node = call(symbol, std::move(operands));
  node["is_operator"] = true;
  return node;
}

Json cast(Json value, std::string_view type, bool try_cast) {
  Json node = expression("CAST", "OPERATOR_CAST");
  node["child"] = std::move(value);
  node["cast_type"] = Json{{"id", type}, {"type_info", nullptr}};
  node["try_cast"] = try_cast;
  return node;
}

Json operation(std::string_view type, std::vector<Json> operands) {
  Json node = expression("OPERATOR", type);
  node["children"] = array_of(std::move(operands));
  return node;
}

Json choose(Json condition, Json value, Json otherwise) {
  Json node = expression("CASE", "CASE_EXPR");
  node["case_checks"] = Json::array();
  node["case_checks"].push_back(
      Json{{"when_expr", std::move(condition)}, {"then_expr", std::move(value)}});
  node["else_expr"] = std::move(otherwise);
  return node;
}

Json conjunction(std::string_view type, std::vector<Json> operands) {
  Json node = expression("CONJUNCTION", type);
  node["children"] = array_of(std::move(operands));
  return node;
}

Json select_from_function(std::vector<Json> select_list, std::string_view table_function) {
  Json from{{"type", "TABLE_FUNCTION"},
            {"alias", ""},
            {"sample", nullptr},
            {"query_location", kNoLocation},
            {"function", call(table_function, {})},
            {"column_name_alias", Json::array()},
            {"with_ordinality", "WITHOUT_ORDINALITY"}};
  return Json{{"type", "SELECT_NODE"},
              {"modifiers", Json::array()},
              {"cte_map", Json{{"map", Json::array()}}},
              {"select_list", array_of(std::move(select_list))},
              {"from_table", std::move(from)},
              {"where_clause", nullptr},
              {"group_expressions", Json::array()},
              {"group_sets", Json::array()},
              {"aggregate_handling", "STANDARD_HANDLING"},
              {"having", nullptr},
              {"sample", nullptr},
              {"qualify", nullptr}};
}

Json derived_table(Json query, std::string_view alias) {
  Json subquery{{"node", std::move(query)}, {"named_param_map", Json::array()}};
  return Json{{"type", "SUBQUERY"},
              {"alias", alias},
              {"sample", nullptr},
              {"query_location", kNoLocation},
              {"subquery", std::move(subquery)},
              {"column_name_alias", Json::array()}};
}

}  // namespace cairn::lang::athena
