// Event selectors, Insights selectors and event configurations: AWS's shapes and their operations.
#pragma once

#include "api/operation.h"
#include "trails/trail.h"

#include <vector>

namespace cairn::api {

// Also for event data stores.
std::vector<lang::event_selectors::AdvancedEventSelector> read_advanced_selectors(
    const Json& input, const char* member);
Json write_advanced_selectors(
    const std::vector<lang::event_selectors::AdvancedEventSelector>& selectors);

Result<Json> get_event_selectors(Features& features, const Call& call);
Result<Json> put_event_selectors(Features& features, const Call& call);

// Of trails; an event data store's are refused with UnsupportedOperationException.
Result<Json> get_insight_selectors(Features& features, const Call& call);
Result<Json> put_insight_selectors(Features& features, const Call& call);
Result<Json> get_event_configuration(Features& features, const Call& call);
Result<Json> put_event_configuration(Features& features, const Call& call);

}  // namespace cairn::api
