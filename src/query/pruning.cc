#include "query/internal/pruning.h"

#include "base/sql_text.h"
#include "base/time.h"
#include "query/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace cairn::query {
namespace {

using lang::athena::Bound;
using lang::athena::Json;

/// now() is a little later when the query itself runs.
constexpr int64_t kSlackUs = kMicrosPerMinute;

std::optional<int64_t> number_of(const std::string& text) {
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// DATE and TIMESTAMP literals of the usual form, which need no engine.
std::optional<int64_t> instant_of_literal(const Json& expression) {
  constexpr size_t kDateSize = 10;       // 2026-10-01
  constexpr size_t kTimestampSize = 19;  // 2026-10-01 00:00:00
  const Json* type = lang::athena::member(expression, "cast_type");
  const Json* child = lang::athena::member(expression, "child");
  const auto* text =
      type == nullptr || child == nullptr ? nullptr : lang::athena::string_constant(*child);
  if (text == nullptr) return std::nullopt;
  const auto id = lang::athena::text_at(*type, "id");
  const bool usual = text->size() == kDateSize || (id != "DATE" && text->size() == kTimestampSize);
  if (!usual || (id != "DATE" && id != "TIMESTAMP" && id != "TIMESTAMP WITH TIME ZONE"))
    return std::nullopt;
  return parse_iso8601(*text);
}

std::optional<int64_t> evaluate(const Json& expression, engine::Connection& connection) {
  if (const auto* text = lang::athena::string_constant(expression)) return parse_iso8601(*text);
  if (const auto instant = instant_of_literal(expression)) return instant;
  std::vector<Json> argument;
  argument.push_back(lang::athena::cast(expression, "TIMESTAMP WITH TIME ZONE"));
  std::vector<Json> select_list;
  select_list.push_back(
      lang::athena::cast(lang::athena::call("epoch_us", std::move(argument)), "VARCHAR"));
  Json node = lang::athena::select_from_function(std::move(select_list), "none");
  node["from_table"] = Json{{"type", "EMPTY"}, {"alias", ""}, {"sample", nullptr}};
  node["from_table"]["query_location"] = UINT64_MAX;
  Json statement{{"node", std::move(node)}, {"named_param_map", Json::array()}};
  Json tree{{"error", false}, {"statements", Json::array()}};
  tree["statements"].push_back(std::move(statement));
  auto sql = connection.query_text(
      fmt::format("SELECT json_deserialize_sql({})",
                  sql_literal(tree.dump(-1, ' ', false, Json::error_handler_t::replace))));
  if (!sql.ok()) return std::nullopt;
  auto micros = connection.query_text(sql.value());
  return micros.ok() ? number_of(micros.value()) : std::nullopt;
}

/// All values of `bounds` for `field`: a row must meet each, so the shortest list is enough.
const std::vector<std::string>* shortest(const lang::athena::ScanBounds& bounds,
                                         Bound::Field field) {
  const std::vector<std::string>* found = nullptr;
  for (const auto& bound : bounds)
    if (bound.field == field && (found == nullptr || bound.values.size() < found->size()))
      found = &bound.values;
  return found;
}

struct Range {
  std::optional<int64_t> min;
  std::optional<int64_t> max;
};

Range range_of(const lang::athena::ScanBounds& bounds, engine::Connection& connection) {
  Range range;
  for (const auto& bound : bounds) {
    const bool below = bound.field == Bound::Field::time_min;
    if (!below && bound.field != Bound::Field::time_max) continue;
    auto instant = bound.instant_us;
    if (!instant) instant = evaluate(bound.expression, connection);
    if (!instant || *instant > std::numeric_limits<int64_t>::max() / 2 ||
        *instant < std::numeric_limits<int64_t>::min() / 2)
      continue;
    const bool fixed = bound.fixed || bound.instant_us;
    const int64_t slack = fixed ? 0 : kSlackUs;
    const int64_t inner = fixed && bound.exclusive && bound.widen_us == 0 ? 1 : 0;
    if (below) {
      const int64_t min = *instant - slack;
      range.min = range.min ? std::max(*range.min, min) : min;
    } else {
      const int64_t max = *instant + bound.widen_us + slack - inner;
      range.max = range.max ? std::min(*range.max, max) : max;
    }
  }
  return range;
}

/// More values than this leave no file out that matters, and each file would be held against all.
constexpr size_t kValuesMax = 1000;

void add_values(std::vector<std::string>& all, const std::vector<std::string>* more, bool& open) {
  if (more == nullptr || more->empty() || all.size() + more->size() > kValuesMax)
    open = true;
  else
    for (const auto& value : *more)
      if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(value);
}

}  // namespace

source::Wanted wanted_by(const std::vector<lang::athena::ScanBounds>& scans,
                         engine::Connection& connection) {
  source::Wanted wanted;
  bool any_region = scans.empty();
  bool any_account = scans.empty();
  bool first = true;
  for (const auto& bounds : scans) {
    const Range range = range_of(bounds, connection);
    if (first) {
      wanted.event_time_min_us = range.min;
      wanted.event_time_max_us = range.max;
    } else {
      wanted.event_time_min_us =
          wanted.event_time_min_us && range.min
              ? std::optional(std::min(*wanted.event_time_min_us, *range.min))
              : std::nullopt;
      wanted.event_time_max_us =
          wanted.event_time_max_us && range.max
              ? std::optional(std::max(*wanted.event_time_max_us, *range.max))
              : std::nullopt;
    }
    first = false;
    add_values(wanted.regions, shortest(bounds, Bound::Field::region), any_region);
    add_values(wanted.accounts, shortest(bounds, Bound::Field::account), any_account);
  }
  if (any_region) wanted.regions.clear();
  if (any_account) wanted.accounts.clear();
  return wanted;
}

}  // namespace cairn::query
