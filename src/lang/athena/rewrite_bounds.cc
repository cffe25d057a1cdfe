#include "base/text.h"
#include "base/time.h"
#include "lang/athena/internal/rewriter.h"
#include "model/columns.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::lang::athena {
namespace {

constexpr int64_t kDayUs = kMicrosPerDay;

/// The column of a time condition, the functions around it taken off.
struct TimeSide {
  const Json* column = nullptr;
  int64_t widen_us = 0;  ///< a value may stand for times up to this much later
};

TimeSide time_side(const Json& node) {
  TimeSide side;
  const Json* at = &node;
  for (int depth = 0; depth < 8; ++depth) {
    if (class_of(*at) == "COLUMN_REF") {
      side.column = at;
      return side;
    }
    if (class_of(*at) == "CAST") {
      const Json* type = member(*at, "cast_type");
      if (type == nullptr || member(*at, "child") == nullptr) return {};
      const auto id = text_at(*type, "id");
      if (id == "DATE")
        side.widen_us += kDayUs;
      else if (id.substr(0, 9) != "TIMESTAMP")
        return {};
      at = member(*at, "child");
    } else if (is_call(*at, "date_trunc")) {
      const Json& arguments = array_at(*at, "children");
      if (arguments.size() != 2) return {};
      side.widen_us += 367 * kDayUs;
      at = &arguments[1];
    } else if (is_call(*at, "athena_iso_timestamp")) {
      const Json& arguments = array_at(*at, "children");
      if (arguments.size() != 1) return {};
      at = &arguments[0];
    } else {
      return {};
    }
  }
  return {};
}

bool is_constant(const Json& node, int depth) {
  if (depth > 60) return false;
  if (node.is_array())
    return std::all_of(node.begin(), node.end(),
                       [&](const Json& child) { return is_constant(child, depth + 1); });
  if (!node.is_object()) return true;
  const auto node_class = class_of(node);
  if (node_class == "COLUMN_REF") {
    const Json& names = array_at(node, "column_names");
    if (names.size() != 1 || !names[0].is_string()) return false;
    const auto name = to_lower(names[0].get<std::string>());
    return name == "current_timestamp" || name == "current_date" || name == "localtimestamp";
  }
  constexpr std::array kNotConstant{"SUBQUERY", "WINDOW", "STAR", "LAMBDA", "PARAMETER"};
  if (std::find(kNotConstant.begin(), kNotConstant.end(), node_class) != kNotConstant.end())
    return false;
  return std::all_of(node.begin(), node.end(),
                     [&](const Json& child) { return is_constant(child, depth + 1); });
}

/// At most microseconds: types of time that have more digits round what they read.
bool is_fixed_text(std::string_view text) {
  constexpr size_t kDigitsMax = 6;
  const auto point = text.find('.');
  if (point == std::string_view::npos) return true;
  const auto end = text.find_first_not_of("0123456789", point + 1);
  return std::min(end, text.size()) - point - 1 <= kDigitsMax;
}

/// Of a constant expression: is it made of nothing but literals, casts and sums that give the same
/// instant at any time? What is not known here may depend on now().
bool is_fixed(const Json& node, int depth = 0) {
  if (depth > 60 || !node.is_object()) return false;
  const auto node_class = class_of(node);
  if (node_class == "CONSTANT") {
    const auto* text = string_constant(node);
    return text == nullptr || is_fixed_text(*text);
  }
  if (node_class == "CAST") {
    constexpr std::array kTypes{
        "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "INTERVAL", "INTEGER", "BIGINT", "DOUBLE"};
    const Json* type = member(node, "cast_type");
    const Json* child = member(node, "child");
    return type != nullptr && child != nullptr &&
           std::find(kTypes.begin(), kTypes.end(), text_at(*type, "id")) != kTypes.end() &&
           is_fixed(*child, depth + 1);
  }
  if (node_class != "FUNCTION") return false;
  constexpr std::array kCalls{"+",
                              "-",
                              "trunc",
                              "to_seconds",
                              "to_hours",
                              "to_days",
                              "to_weeks",
                              "to_minutes",
                              "to_months",
                              "to_years",
                              "athena_iso_timestamp"};
  if (std::none_of(kCalls.begin(), kCalls.end(),
                   [&](const char* name) { return is_call(node, name); }))
    return false;
  const Json& arguments = array_at(node, "children");
  return std::all_of(arguments.begin(), arguments.end(),
                     [&](const Json& child) { return is_fixed(child, depth + 1); });
}

std::string_view mirrored(std::string_view type) {
  if (type == "COMPARE_LESSTHAN") return "COMPARE_GREATERTHAN";
  if (type == "COMPARE_GREATERTHAN") return "COMPARE_LESSTHAN";
  if (type == "COMPARE_LESSTHANOREQUALTO") return "COMPARE_GREATERTHANOREQUALTO";
  if (type == "COMPARE_GREATERTHANOREQUALTO") return "COMPARE_LESSTHANOREQUALTO";
  return type;
}

bool bounds_below(std::string_view type) {
  return type == "COMPARE_EQUAL" || type == "COMPARE_GREATERTHAN" ||
         type == "COMPARE_GREATERTHANOREQUALTO";
}

bool bounds_above(std::string_view type) {
  return type == "COMPARE_EQUAL" || type == "COMPARE_LESSTHAN" ||
         type == "COMPARE_LESSTHANOREQUALTO";
}

/// What a text compared with a text form of the time says about the time: the instants within
/// which texts sort around it. `exact` texts are CloudTrail's own form; any other counts by its
/// day.
struct TextInstant {
  int64_t from_us = 0;
  int64_t to_us = 0;
};

std::optional<TextInstant> instant_of_text(const std::string& text) {
  std::string day = text.substr(0, 10);
  std::replace(day.begin(), day.end(), '/', '-');
  const auto day_us = parse_iso8601(day);
  if (day.size() != 10 || !day_us) return std::nullopt;
  if (text.size() == 20 && text[10] == 'T' && text[19] == 'Z')
    if (const auto exact = parse_iso8601(text)) return TextInstant{*exact, *exact};
  return TextInstant{*day_us, *day_us + kDayUs - 1};
}

std::optional<int64_t> number_of(const std::string& text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

Bound time_bound(Bound::Field field, int64_t instant_us) {
  return {.field = field, .values = {}, .expression = {}, .instant_us = instant_us, .widen_us = 0};
}

}  // namespace

bool is_constant_expression(const Json& node) {
  return is_constant(node, 0);
}

void Rewriter::note_bounds(const Json& where, Scope& scope) {
  std::map<Relation*, ScanBounds> found;
  note_condition(where, scope, found);
  for (auto& relation : scope.relations)
    if (relation->view != nullptr) out_.scans.push_back(std::move(found[relation.get()]));
}

void Rewriter::note_condition(const Json& condition, Scope& scope,
                              std::map<Relation*, ScanBounds>& found) {
  const auto node_class = class_of(condition);
  if (node_class == "CONJUNCTION" && text_at(condition, "type") == "CONJUNCTION_AND") {
    for (const auto& part : array_at(condition, "children")) note_condition(part, scope, found);
  } else if (node_class == "COMPARISON") {
    const Json* left = member(condition, "left");
    const Json* right = member(condition, "right");
    if (left == nullptr || right == nullptr) return;
    const auto type = text_at(condition, "type");
    if (is_constant_expression(*right))
      note_comparison(type, *left, *right, scope, found);
    else if (is_constant_expression(*left))
      note_comparison(mirrored(type), *right, *left, scope, found);
  } else if (node_class == "BETWEEN") {
    const Json* input = member(condition, "input");
    const Json* lower = member(condition, "lower");
    const Json* upper = member(condition, "upper");
    if (text_at(condition, "type") != "COMPARE_BETWEEN" || input == nullptr || lower == nullptr ||
        upper == nullptr)
      return;
    if (is_constant_expression(*lower))
      note_comparison("COMPARE_GREATERTHANOREQUALTO", *input, *lower, scope, found);
    if (is_constant_expression(*upper))
      note_comparison("COMPARE_LESSTHANOREQUALTO", *input, *upper, scope, found);
  } else if (text_at(condition, "type") == "COMPARE_IN") {
    const Json& children = array_at(condition, "children");
    if (children.size() > 1)
      note_values(children[0], &children[1], children.size() - 1, scope, found);
  }
}

void Rewriter::note_values(const Json& column, const Json* values, size_t count, Scope& scope,
                           std::map<Relation*, ScanBounds>& found) {
  const Json& names = array_at(column, "column_names");
  if (class_of(column) != "COLUMN_REF" || names.size() < 2) return;
  std::string path;  // of the physical column, also when it is the leaf of a struct
  for (size_t i = 0; i < names.size(); ++i) {
    if (!names[i].is_string()) return;
    if (i > 0) path += (path.empty() ? "" : ".") + names[i].get<std::string>();
  }
  const int index = model::find_column(path);
  if (index < 0 || model::columns()[static_cast<size_t>(index)].type != model::ColumnType::varchar)
    return;
  const auto name = model::columns()[static_cast<size_t>(index)].name;
  Bound bound{.field = Bound::Field::other, .column = index};
  if (name == "awsRegion") bound.field = Bound::Field::region;
  if (name == "recipientAccountId") bound.field = Bound::Field::account;
  for (size_t i = 0; i < count; ++i) {
    const auto* text = string_constant(values[i]);
    if (text == nullptr) return;
    bound.values.push_back(*text);
  }
  for (auto& relation : scope.relations)
    if (relation->view != nullptr && relation->alias == names[0].get<std::string>())
      found[relation.get()].push_back(bound);
}

void Rewriter::note_comparison(std::string_view type, const Json& column, const Json& value,
                               Scope& scope, std::map<Relation*, ScanBounds>& found) {
  if (type == "COMPARE_EQUAL") note_values(column, &value, 1, scope, found);
  const TimeSide side = time_side(column);
  if (side.column == nullptr) return;
  const Json& names = array_at(*side.column, "column_names");
  if (names.size() != 2 || !names[0].is_string() || !names[1].is_string()) return;
  Relation* relation = nullptr;
  for (auto& each : scope.relations)
    if (each->view != nullptr && each->alias == names[0].get<std::string>()) relation = each.get();
  if (relation == nullptr) return;
  const Field* field = relation->view->root.find(names[1].get<std::string>());
  if (field == nullptr) return;
  auto& bounds = found[relation];
  const auto* text = string_constant(value);
  const bool plain = side.column == &column;
  if (field->conversion == Conversion::time_part && plain) {
    if (text == nullptr) return;
    if (field->detail == "%Y" && type == "COMPARE_EQUAL") {
      const auto year = number_of(*text);
      if (!year || *year < 1 || *year > 9998) return;
      const int first = static_cast<int>(*year);
      bounds.push_back(time_bound(Bound::Field::time_min, to_micros({.year = first})));
      bounds.push_back(time_bound(Bound::Field::time_max, to_micros({.year = first + 1}) - 1));
    }
    if (field->detail != "%Y/%m/%d" || text->size() != 10) return;
  } else if (field->column != "eventTime" && field->column != "eventTimeText") {
    return;
  }
  const bool is_text = plain && field->kind == Kind::varchar;
  if (is_text) {
    const auto instant = text == nullptr ? std::nullopt : instant_of_text(*text);
    if (!instant) return;
    if (bounds_below(type)) bounds.push_back(time_bound(Bound::Field::time_min, instant->from_us));
    if (bounds_above(type)) bounds.push_back(time_bound(Bound::Field::time_max, instant->to_us));
    return;
  }
  for (const bool below : {true, false}) {
    if (!(below ? bounds_below(type) : bounds_above(type))) continue;
    Bound bound{.field = below ? Bound::Field::time_min : Bound::Field::time_max};
    bound.expression = value;
    bound.widen_us = below ? 0 : side.widen_us;
    bound.fixed = is_fixed(value);
    bound.exclusive = type == "COMPARE_LESSTHAN" || type == "COMPARE_GREATERTHAN";
    bounds.push_back(std::move(bound));
  }
}

}  // namespace cairn::lang::athena
