#include "api/cloudtrail/selectors.h"

#include "api/cloudtrail/wire.h"
#include "trails/trails.h"

#include <fmt/format.h>

#include <array>

namespace cairn::api {
namespace {

namespace es = lang::event_selectors;

struct ReadWriteName {
  const char* name;
  es::ReadWrite value;
};

constexpr std::array kReadWrite{ReadWriteName{"All", es::ReadWrite::all},
                                ReadWriteName{"ReadOnly", es::ReadWrite::read_only},
                                ReadWriteName{"WriteOnly", es::ReadWrite::write_only}};

struct OperatorName {
  const char* name;
  std::vector<std::string> es::FieldSelector::*values;
};

constexpr std::array kOperators{OperatorName{"Equals", &es::FieldSelector::equals},
                                OperatorName{"StartsWith", &es::FieldSelector::starts_with},
                                OperatorName{"EndsWith", &es::FieldSelector::ends_with},
                                OperatorName{"NotEquals", &es::FieldSelector::not_equals},
                                OperatorName{"NotStartsWith", &es::FieldSelector::not_starts_with},
                                OperatorName{"NotEndsWith", &es::FieldSelector::not_ends_with}};

constexpr const char* kCallRate = "ApiCallRateInsight";
constexpr const char* kErrorRate = "ApiErrorRateInsight";

/// Calls `take` with each element of a list that may be absent.
template <class Take>
void for_each(const Json& input, const char* member, Take take) {
  const auto at = input.find(member);
  if (at == input.end()) return;
  for (const auto& one : *at) take(one);
}

es::EventSelector read_selector(const Json& json) {
  es::EventSelector selector;
  const auto read_write = text_of(json, "ReadWriteType");
  for (const auto& one : kReadWrite)
    if (one.name == read_write) selector.read_write = one.value;
  selector.management_events = optional_boolean(json, "IncludeManagementEvents").value_or(true);
  for_each(json, "DataResources", [&](const Json& one) {
    selector.data_resources.push_back({text_of(one, "Type"), texts_of(one, "Values")});
  });
  selector.excluded_management_sources = texts_of(json, "ExcludeManagementEventSources");
  return selector;
}

Json write_selector(const es::EventSelector& selector) {
  Json resources = Json::array();
  for (const auto& one : selector.data_resources)
    resources.push_back({{"Type", one.type}, {"Values", one.values}});
  Json out;
  out["ReadWriteType"] = kReadWrite[static_cast<size_t>(selector.read_write)].name;
  out["IncludeManagementEvents"] = selector.management_events;
  out["DataResources"] = std::move(resources);
  out["ExcludeManagementEventSources"] = selector.excluded_management_sources;
  return out;
}

Json selectors_answer(const trails::Trail& trail) {
  Json out;
  out["TrailARN"] = trail.arn();
  if (!trail.selectors.advanced.empty()) {
    out["AdvancedEventSelectors"] = write_advanced_selectors(trail.selectors.advanced);
    return out;
  }
  out["EventSelectors"] = Json::array();
  for (const auto& one : trail.selectors.basic)
    out["EventSelectors"].push_back(write_selector(one));
  return out;
}

Json insights_answer(const trails::Trail& trail) {
  Json selectors = Json::array();
  for (const auto& one : trail.insights) {
    Json selector{
        {"InsightType", one.type == trails::InsightType::call_rate ? kCallRate : kErrorRate}};
    if (!one.categories.empty()) selector["EventCategories"] = one.categories;
    selectors.push_back(std::move(selector));
  }
  return Json{{"TrailARN", trail.arn()}, {"InsightSelectors", std::move(selectors)}};
}

Json configuration_answer(const trails::Trail& trail) {
  Json aggregations = Json::array();
  for (const auto& one : trail.aggregations)
    aggregations.push_back({{"Templates", one.templates}, {"EventCategory", one.category}});
  return Json{{"TrailARN", trail.arn()}, {"AggregationConfigurations", std::move(aggregations)}};
}

/// The trail that operations name which are for event data stores, too.
Result<std::string> trail_or_store(const Json& input) {
  const auto trail = text_of(input, "TrailName");
  const auto store = text_of(input, "EventDataStore");
  if (trail.empty() == store.empty())
    return Error{ErrorKind::invalid_argument,
                 "Specify either a trail name or an event data store, and not both.",
                 "InvalidParameterCombinationException"};
  if (store.empty()) return trail;
  return Error{ErrorKind::unimplemented,
               "This operation is not supported for event data stores; it is for trails.",
               "UnsupportedOperationException"};
}

}  // namespace

std::vector<es::AdvancedEventSelector> read_advanced_selectors(const Json& input,
                                                               const char* member) {
  std::vector<es::AdvancedEventSelector> out;
  for_each(input, member, [&](const Json& json) {
    auto& selector = out.emplace_back();
    selector.name = text_of(json, "Name");
    for_each(json, "FieldSelectors", [&](const Json& one) {
      auto& field = selector.fields.emplace_back();
      field.field = text_of(one, "Field");
      for (const auto& kind : kOperators) field.*kind.values = texts_of(one, kind.name);
    });
  });
  return out;
}

Json write_advanced_selectors(const std::vector<es::AdvancedEventSelector>& selectors) {
  Json out = Json::array();
  for (const auto& selector : selectors) {
    Json fields = Json::array();
    for (const auto& one : selector.fields) {
      Json field{{"Field", one.field}};
      for (const auto& kind : kOperators)
        if (!(one.*kind.values).empty()) field[kind.name] = one.*kind.values;
      fields.push_back(std::move(field));
    }
    Json json;
    put_text(json, "Name", selector.name);
    json["FieldSelectors"] = std::move(fields);
    out.push_back(std::move(json));
  }
  return out;
}

Result<Json> get_event_selectors(Features& features, const Call& call) {
  const auto trail =
      CAIRN_TRY(features.trails->get(scope_of(call), text_of(call.input, "TrailName")));
  return selectors_answer(trail);
}

Result<Json> put_event_selectors(Features& features, const Call& call) {
  es::Selectors selectors;
  for_each(call.input, "EventSelectors",
           [&](const Json& one) { selectors.basic.push_back(read_selector(one)); });
  selectors.advanced = read_advanced_selectors(call.input, "AdvancedEventSelectors");
  const auto trail = CAIRN_TRY(features.trails->put_selectors(
      scope_of(call), text_of(call.input, "TrailName"), std::move(selectors)));
  return selectors_answer(trail);
}

Result<Json> get_insight_selectors(Features& features, const Call& call) {
  const auto name = CAIRN_TRY(trail_or_store(call.input));
  const auto trail = CAIRN_TRY(features.trails->get(scope_of(call), name));
  if (!trail.insights.empty()) return insights_answer(trail);
  return Error{ErrorKind::not_found,
               fmt::format("Trail {} does not have Insights enabled. Edit the trail settings to "
                           "enable Insights, and then try the operation again.",
                           trail.name),
               "InsightNotEnabledException"};
}

Result<Json> put_insight_selectors(Features& features, const Call& call) {
  const auto name = CAIRN_TRY(trail_or_store(call.input));
  if (call.input.contains("InsightsDestination"))
    return Error{ErrorKind::invalid_argument,
                 "InsightsDestination can only be specified together with EventDataStore.",
                 "InvalidParameterCombinationException"};
  std::vector<trails::InsightSelector> insights;
  for_each(call.input, "InsightSelectors", [&](const Json& one) {
    insights.push_back({.type = text_of(one, "InsightType") == kErrorRate
                                    ? trails::InsightType::error_rate
                                    : trails::InsightType::call_rate,
                        .categories = texts_of(one, "EventCategories")});
  });
  const auto trail =
      CAIRN_TRY(features.trails->put_insights(scope_of(call), name, std::move(insights)));
  return insights_answer(trail);
}

Result<Json> get_event_configuration(Features& features, const Call& call) {
  const auto name = CAIRN_TRY(trail_or_store(call.input));
  const auto trail = CAIRN_TRY(features.trails->get(scope_of(call), name));
  return configuration_answer(trail);
}

Result<Json> put_event_configuration(Features& features, const Call& call) {
  const auto name = CAIRN_TRY(trail_or_store(call.input));
  if (call.input.contains("MaxEventSize") || call.input.contains("ContextKeySelectors"))
    return Error{ErrorKind::invalid_argument,
                 "MaxEventSize and ContextKeySelectors can only be specified together with "
                 "EventDataStore.",
                 "InvalidParameterCombinationException"};
  std::vector<trails::Aggregation> aggregations;
  for_each(call.input, "AggregationConfigurations", [&](const Json& one) {
    aggregations.push_back({texts_of(one, "Templates"), text_of(one, "EventCategory")});
  });
  const auto trail =
      CAIRN_TRY(features.trails->put_aggregations(scope_of(call), name, std::move(aggregations)));
  return configuration_answer(trail);
}

}  // namespace cairn::api
