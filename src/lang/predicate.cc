#include "lang/predicate.h"

#include "base/json_scan.h"
#include "model/column_reader.h"

#include <algorithm>

namespace cairn::lang {
namespace {

Predicate leaf(Predicate::Kind kind, std::string_view path, std::vector<std::string> values) {
  return {.kind = kind, .path = field_path(path), .values = std::move(values)};
}

bool text_fits(Predicate::Kind kind, const std::vector<std::string>& values,
               std::string_view text) {
  const auto one = [&](const std::string& value) {
    return kind == Predicate::Kind::starts_with ? text.starts_with(value) : text.ends_with(value);
  };
  if (kind == Predicate::Kind::equals)
    return std::binary_search(values.begin(), values.end(), text, std::less<>());
  return std::any_of(values.begin(), values.end(), one);
}

}  // namespace

FieldPath field_path(std::string_view text) {
  FieldPath path;
  for (;;) {
    const auto dot = text.find('.');
    auto name = text.substr(0, dot);
    const bool each = name.ends_with("[]");
    if (each) name.remove_suffix(2);
    path.push_back({.name = std::string(name), .each = each});
    if (dot == text.npos) return path;
    text.remove_prefix(dot + 1);
  }
}

Predicate all_of(std::vector<Predicate> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = Predicate::Kind::all, .parts = std::move(parts)};
}

Predicate any_of(std::vector<Predicate> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = Predicate::Kind::any, .parts = std::move(parts)};
}

Predicate negation_of(Predicate part) {
  Predicate out{.kind = Predicate::Kind::negation};
  out.parts.push_back(std::move(part));
  return out;
}

Predicate equals(std::string_view path, std::vector<std::string> values) {
  return leaf(Predicate::Kind::equals, path, std::move(values));
}

Predicate starts_with(std::string_view path, std::vector<std::string> values) {
  return leaf(Predicate::Kind::starts_with, path, std::move(values));
}

Predicate ends_with(std::string_view path, std::vector<std::string> values) {
  return leaf(Predicate::Kind::ends_with, path, std::move(values));
}

Predicate exists(std::string_view path) {
  return starts_with(path, {""});
}

PredicateMatcher::PredicateMatcher(const Predicate& predicate, model::FieldPlan& plan) {
  add(predicate, plan);
}

void PredicateMatcher::add(const Predicate& predicate, model::FieldPlan& plan) {
  const size_t at = nodes_.size();
  Node node{.kind = predicate.kind, .path = predicate.path, .values = predicate.values};
  std::sort(node.values.begin(), node.values.end());
  if (!node.path.empty()) {
    const auto field = model::find_field(node.path.front().name);
    if (field != model::Field::end) node.slot = plan.want(field);
  }
  nodes_.push_back(std::move(node));
  for (const auto& part : predicate.parts) add(part, plan);
  nodes_[at].end = nodes_.size();
}

bool PredicateMatcher::matches(const RecordView& record) const {
  return holds(0, record);
}

bool PredicateMatcher::holds(size_t at, const RecordView& record) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Predicate::Kind::all:
      for (size_t part = at + 1; part < node.end; part = nodes_[part].end)
        if (!holds(part, record)) return false;
      return true;
    case Predicate::Kind::any:
      for (size_t part = at + 1; part < node.end; part = nodes_[part].end)
        if (holds(part, record)) return true;
      return false;
    case Predicate::Kind::negation:
      return !holds(at + 1, record);
    case Predicate::Kind::equals:
    case Predicate::Kind::starts_with:
    case Predicate::Kind::ends_with:
      return leaf_holds(node, record);
  }
  return false;
}

bool PredicateMatcher::leaf_holds(const Node& node, const RecordView& record) {
  const auto raw = node.slot >= 0 ? record.slots[node.slot]
                                  : json::find_member(record.json, node.path.front().name);
  return value_fits(node, raw, 0);
}

// `raw` is what stands where step number `step` leads.
bool PredicateMatcher::value_fits(const Node& node, std::string_view raw, size_t step) {
  if (raw.empty()) return false;
  const bool last = step + 1 == node.path.size();
  const auto element_fits = [&](std::string_view value) {
    if (!last) {
      if (!json::is_object(value)) return false;
      return value_fits(node, json::find_member(value, node.path[step + 1].name), step + 1);
    }
    std::string scratch;
    const auto text = model::varchar_of(value, scratch);
    return text && text_fits(node.kind, node.values, *text);
  };
  if (!node.path[step].each) return element_fits(raw);
  if (!json::is_array(raw)) return false;
  bool fits = false;
  json::for_each_element(raw, [&](std::string_view element) {
    fits = element_fits(element);
    return !fits;
  });
  return fits;
}

}  // namespace cairn::lang
