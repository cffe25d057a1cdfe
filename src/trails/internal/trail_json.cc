// Trails and their status as the texts that rows keep.
#include "trails/internal/trail_json.h"

#include <nlohmann/json.hpp>

namespace cairn::trails {
namespace {

using Json = nlohmann::json;

Error corrupt(std::string_view what) {
  return Error{ErrorKind::corrupt, std::string(what) + " is not kept as it was written"};
}

Json write(const DeliveryState& state) {
  return {{"error", state.error},
          {"delivered_us", state.delivered_us},
          {"attempt_us", state.attempt_us},
          {"attempt_worked_us", state.attempt_worked_us}};
}

// What is absent or of another type stays as it is: rows of older versions.
void read(const Json& json, const char* name, std::string& out) {
  const auto at = json.find(name);
  if (at != json.end() && at->is_string()) out = at->get<std::string>();
}

void read(const Json& json, const char* name, bool& out) {
  const auto at = json.find(name);
  if (at != json.end() && at->is_boolean()) out = at->get<bool>();
}

template <class Number>
void read_number(const Json& json, const char* name, Number& out) {
  const auto at = json.find(name);
  if (at != json.end() && at->is_number_integer()) out = at->get<Number>();
}

void read(const Json& json, const char* name, std::vector<std::string>& out) {
  const auto at = json.find(name);
  if (at == json.end() || !at->is_array()) return;
  for (const auto& one : *at)
    if (one.is_string()) out.push_back(one.get<std::string>());
}

void read(const Json& json, const char* name, DeliveryState& out) {
  const auto at = json.find(name);
  if (at == json.end() || !at->is_object()) return;
  read(*at, "error", out.error);
  read_number(*at, "delivered_us", out.delivered_us);
  read_number(*at, "attempt_us", out.attempt_us);
  read_number(*at, "attempt_worked_us", out.attempt_worked_us);
}

/// Calls `take` with each object of a list.
template <class Take>
void read_list(const Json& json, const char* name, Take take) {
  const auto at = json.find(name);
  if (at == json.end() || !at->is_array()) return;
  for (const auto& one : *at)
    if (one.is_object()) take(one);
}

}  // namespace

std::string settings_json(const Trail& trail) {
  Json insights = Json::array();
  for (const auto& one : trail.insights)
    insights.push_back({{"type", one.type == InsightType::call_rate ? "call_rate" : "error_rate"},
                        {"categories", one.categories}});
  Json aggregations = Json::array();
  for (const auto& one : trail.aggregations)
    aggregations.push_back({{"templates", one.templates}, {"category", one.category}});
  Json tags = Json::array();
  for (const auto& one : trail.tags) tags.push_back({{"key", one.key}, {"value", one.value}});
  const Json json = {{"bucket", trail.bucket},
                     {"prefix", trail.prefix},
                     {"topic", trail.topic},
                     {"global_events", trail.global_events},
                     {"multi_region", trail.multi_region},
                     {"validation", trail.validation},
                     {"organization", trail.organization},
                     {"recursive_logging", trail.recursive_logging},
                     {"log_group_arn", trail.log_group_arn},
                     {"log_role_arn", trail.log_role_arn},
                     {"kms_key", trail.kms_key},
                     {"selectors", lang::event_selectors::to_json(trail.selectors)},
                     {"custom_selectors", trail.custom_selectors},
                     {"insights", std::move(insights)},
                     {"aggregations", std::move(aggregations)},
                     {"tags", std::move(tags)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status read_settings(std::string_view text, Trail& trail) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt("a trail");
  read(json, "bucket", trail.bucket);
  read(json, "prefix", trail.prefix);
  read(json, "topic", trail.topic);
  read(json, "global_events", trail.global_events);
  read(json, "multi_region", trail.multi_region);
  read(json, "validation", trail.validation);
  read(json, "organization", trail.organization);
  read(json, "recursive_logging", trail.recursive_logging);
  read(json, "log_group_arn", trail.log_group_arn);
  read(json, "log_role_arn", trail.log_role_arn);
  read(json, "kms_key", trail.kms_key);
  read(json, "custom_selectors", trail.custom_selectors);
  std::string selectors;
  read(json, "selectors", selectors);
  trail.selectors = CAIRN_TRY(lang::event_selectors::from_json(selectors));
  read_list(json, "insights", [&](const Json& one) {
    std::string type;
    read(one, "type", type);
    auto& insight = trail.insights.emplace_back();
    insight.type = type == "call_rate" ? InsightType::call_rate : InsightType::error_rate;
    read(one, "categories", insight.categories);
  });
  read_list(json, "aggregations", [&](const Json& one) {
    auto& aggregation = trail.aggregations.emplace_back();
    read(one, "templates", aggregation.templates);
    read(one, "category", aggregation.category);
  });
  read_list(json, "tags", [&](const Json& one) {
    auto& tag = trail.tags.emplace_back();
    read(one, "key", tag.key);
    read(one, "value", tag.value);
  });
  return {};
}

std::string status_json(const TrailStatus& status) {
  const Json json = {{"started_us", status.started_us},
                     {"stopped_us", status.stopped_us},
                     {"log_files", write(status.log_files)},
                     {"notices", write(status.notices)},
                     {"log_group", write(status.log_group)},
                     {"digests", write(status.digests)},
                     {"events_too_large", status.events_too_large}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TrailStatus> read_status(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt("a trail's status");
  TrailStatus status;
  read_number(json, "started_us", status.started_us);
  read_number(json, "stopped_us", status.stopped_us);
  read(json, "log_files", status.log_files);
  read(json, "notices", status.notices);
  read(json, "log_group", status.log_group);
  read(json, "digests", status.digests);
  read_number(json, "events_too_large", status.events_too_large);
  return status;
}

}  // namespace cairn::trails
