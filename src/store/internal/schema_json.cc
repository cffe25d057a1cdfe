#include "store/internal/schema_json.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace cairn::store {
namespace {

using nlohmann::json;
using parquet::Field;
using parquet::Type;

constexpr int kDepthMax = 32;
constexpr std::array<std::pair<Type, const char*>, 5> kTypes{{{Type::boolean, "boolean"},
                                                              {Type::int32, "int"},
                                                              {Type::int64, "long"},
                                                              {Type::timestamp_us, "timestamp"},
                                                              {Type::string, "string"}}};

json type_to_json(const Field& field) {
  if (!field.children.empty()) {
    json members = json::array();
    for (const auto& child : field.children) members.push_back(field_to_json(child));
    return {{"type", "struct"}, {"fields", std::move(members)}};
  }
  const auto* const known = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const auto& pair) { return pair.first == field.type; });
  if (!field.list) return known->second;
  return {{"type", "list"},
          {"element-id", field.element_id},
          {"element", known->second},
          {"element-required", false}};
}

Result<Fields> fields_of(const json& members, int depth);

std::optional<Type> scalar(const json& type) {
  if (!type.is_string()) return std::nullopt;
  for (const auto& [known, name] : kTypes)
    if (type.get_ref<const std::string&>() == name) return known;
  return std::nullopt;
}

/// nullopt for a type that cairn does not know.
Result<std::optional<Field>> field_of(const json& member, int depth) {
  Field field;
  field.id = CAIRN_TRY(need_id(member, "id"));
  field.name = CAIRN_TRY(need_text(member, "name"));
  if (!member.contains("type")) return metadata_error("a field has no type");
  const auto& type = member["type"];
  if (const auto known = scalar(type)) {
    field.type = *known;
    return std::optional(std::move(field));
  }
  if (!type.is_object()) return std::optional<Field>();
  const auto kind = CAIRN_TRY(need_text(type, "type"));
  if (kind == "struct") {
    const auto* const members = CAIRN_TRY(need_array(type, "fields"));
    field.children = CAIRN_TRY(fields_of(*members, depth + 1));
    if (field.children.empty()) return std::optional<Field>();
    return std::optional(std::move(field));
  }
  const auto element =
      kind == "list" && type.contains("element") ? scalar(type["element"]) : std::nullopt;
  if (!element) return std::optional<Field>();
  field.type = *element;
  field.list = true;
  field.element_id = CAIRN_TRY(need_id(type, "element-id"));
  return std::optional(std::move(field));
}

Result<Fields> fields_of(const json& members, int depth) {
  if (depth > kDepthMax) return metadata_error("structs lie too deep");
  Fields fields;
  for (const auto& member : members) {
    auto field = CAIRN_TRY(field_of(member, depth));
    if (field) fields.push_back(std::move(*field));
  }
  return fields;
}

}  // namespace

Error metadata_error(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("the table's metadata is damaged: {}", what)};
}

Result<int64_t> need_integer(const json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  if (at == object.end() || !at->is_number_integer())
    return metadata_error(fmt::format("it lacks the number '{}'", name));
  return at->get<int64_t>();
}

Result<int32_t> need_id(const json& object, const char* name) {
  const auto number = CAIRN_TRY(need_integer(object, name));
  if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max())
    return metadata_error(fmt::format("the number '{}' is too large", name));
  return static_cast<int32_t>(number);
}

Result<std::string> need_text(const json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  if (at == object.end() || !at->is_string())
    return metadata_error(fmt::format("it lacks the text '{}'", name));
  return at->get<std::string>();
}

Result<const json*> need_array(const json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  if (at == object.end() || !at->is_array())
    return metadata_error(fmt::format("it lacks the list '{}'", name));
  return &*at;
}

json field_to_json(const Field& field) {
  return {
      {"id", field.id}, {"name", field.name}, {"required", false}, {"type", type_to_json(field)}};
}

json schema_to_json(const Fields& fields, int32_t schema_id) {
  json members = json::array();
  for (const auto& field : fields) members.push_back(field_to_json(field));
  return {{"type", "struct"}, {"schema-id", schema_id}, {"fields", std::move(members)}};
}

Result<Fields> fields_from_json(const json& schema) {
  const auto* const members = CAIRN_TRY(need_array(schema, "fields"));
  return fields_of(*members, 0);
}

Result<PartitionSpec> spec_from_json(const json& spec) {
  PartitionSpec made;
  made.id = CAIRN_TRY(need_id(spec, "spec-id"));
  const auto* const fields = CAIRN_TRY(need_array(spec, "fields"));
  for (const auto& field : *fields) {
    PartitionField one;
    one.source_id = CAIRN_TRY(need_id(field, "source-id"));
    one.field_id = CAIRN_TRY(need_id(field, "field-id"));
    one.name = CAIRN_TRY(need_text(field, "name"));
    const auto transform = CAIRN_TRY(need_text(field, "transform"));
    if (transform != "day") made.understood = false;
    one.transform =
        transform == "day" ? PartitionField::Transform::day : PartitionField::Transform::identity;
    made.fields.push_back(std::move(one));
  }
  return made;
}

json spec_fields_to_json(const std::vector<PartitionField>& fields) {
  json made = json::array();
  for (const auto& field : fields)
    made.push_back(
        {{"source-id", field.source_id},
         {"field-id", field.field_id},
         {"name", field.name},
         {"transform", field.transform == PartitionField::Transform::day ? "day" : "identity"}});
  return made;
}

int32_t largest_id(const Fields& fields) {
  int32_t largest = 0;
  for (const auto& field : fields)
    largest = std::max({largest, field.id, field.element_id, largest_id(field.children)});
  return largest;
}

Result<bool> add_fields(json& schema, const Fields& wanted) {
  CAIRN_TRY(need_array(schema, "fields"));
  auto& members = schema["fields"];
  bool added = false;
  for (const auto& field : wanted) {
    auto at = std::find_if(members.begin(), members.end(), [&](const json& member) {
      return member.is_object() && member.value("id", json()) == field.id;
    });
    if (at == members.end()) {
      members.push_back(field_to_json(field));
      added = true;
      continue;
    }
    auto& type = (*at)["type"];
    if (!field.children.empty() && type.is_object() && type.value("type", json()) == "struct") {
      const bool below = CAIRN_TRY(add_fields(type, field.children));
      added = added || below;
      continue;
    }
    const auto expected = type_to_json(field);
    const bool same = field.list && type.is_object()
                          ? type.value("type", json()) == "list" &&
                                type.value("element", json()) == expected["element"]
                          : type == expected;
    if (!same)
      return Error{
          ErrorKind::corrupt,
          fmt::format("column '{}' (field {}) of the table has type {}, not {}",
                      printable(field.name), field.id, printable(type.dump()), expected.dump())};
  }
  return added;
}

}  // namespace cairn::store
