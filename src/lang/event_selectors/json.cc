#include "lang/event_selectors/event_selectors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace cairn::lang::event_selectors {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kReadWrite{"all", "read_only", "write_only"};

struct List {
  const char* name;
  std::vector<std::string> FieldSelector::*values;
};

constexpr std::array kLists{List{"equals", &FieldSelector::equals},
                            List{"starts_with", &FieldSelector::starts_with},
                            List{"ends_with", &FieldSelector::ends_with},
                            List{"not_equals", &FieldSelector::not_equals},
                            List{"not_starts_with", &FieldSelector::not_starts_with},
                            List{"not_ends_with", &FieldSelector::not_ends_with}};

Json write(const EventSelector& selector) {
  Json resources = Json::array();
  for (const auto& one : selector.data_resources)
    resources.push_back({{"type", one.type}, {"values", one.values}});
  return {{"read_write", kReadWrite[static_cast<size_t>(selector.read_write)]},
          {"management_events", selector.management_events},
          {"data_resources", std::move(resources)},
          {"excluded_management_sources", selector.excluded_management_sources}};
}

Json write(const AdvancedEventSelector& selector) {
  Json fields = Json::array();
  for (const auto& one : selector.fields) {
    Json field = {{"field", one.field}};
    for (const auto& list : kLists)
      if (!(one.*list.values).empty()) field[list.name] = one.*list.values;
    fields.push_back(std::move(field));
  }
  return {{"name", selector.name}, {"fields", std::move(fields)}};
}

// The readers below give false for what write() cannot have made.

bool read(const Json& object, const char* name, std::string& out) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return false;
  out = at->get<std::string>();
  return true;
}

bool read(const Json& object, const char* name, std::vector<std::string>& out) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_array()) return false;
  for (const auto& one : *at) {
    if (!one.is_string()) return false;
    out.push_back(one.get<std::string>());
  }
  return true;
}

const Json* list_of(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at != object.end() && at->is_array() ? &*at : nullptr;
}

bool read(const Json& json, EventSelector& out) {
  std::string read_write;
  const auto* const resources = list_of(json, "data_resources");
  if (resources == nullptr || !read(json, "read_write", read_write)) return false;
  const auto at = std::find(kReadWrite.begin(), kReadWrite.end(), read_write);
  const auto management = json.find("management_events");
  if (at == kReadWrite.end() || management == json.end() || !management->is_boolean()) return false;
  out.read_write = static_cast<ReadWrite>(at - kReadWrite.begin());
  out.management_events = management->get<bool>();
  for (const auto& one : *resources) {
    auto& resource = out.data_resources.emplace_back();
    if (!one.is_object() || !read(one, "type", resource.type) ||
        !read(one, "values", resource.values))
      return false;
  }
  return read(json, "excluded_management_sources", out.excluded_management_sources);
}

bool read(const Json& json, AdvancedEventSelector& out) {
  const auto* const fields = list_of(json, "fields");
  if (fields == nullptr || !read(json, "name", out.name)) return false;
  for (const auto& one : *fields) {
    auto& field = out.fields.emplace_back();
    if (!one.is_object() || !read(one, "field", field.field)) return false;
    for (const auto& list : kLists)
      if (one.contains(list.name) && !read(one, list.name, field.*list.values)) return false;
  }
  return true;
}

template <class T>
bool read_all(const Json* list, std::vector<T>& out) {
  if (list == nullptr) return false;
  for (const auto& one : *list)
    if (!read(one, out.emplace_back())) return false;
  return true;
}

}  // namespace

std::string to_json(const Selectors& selectors) {
  Json basic = Json::array();
  for (const auto& one : selectors.basic) basic.push_back(write(one));
  Json advanced = Json::array();
  for (const auto& one : selectors.advanced) advanced.push_back(write(one));
  return Json{{"basic", std::move(basic)}, {"advanced", std::move(advanced)}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<Selectors> from_json(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  Selectors out;
  if (json.is_discarded() || !read_all(list_of(json, "basic"), out.basic) ||
      !read_all(list_of(json, "advanced"), out.advanced))
    return Error{ErrorKind::corrupt, "event selectors are not kept as they were written"};
  return out;
}

}  // namespace cairn::lang::event_selectors
