// Conditions in SQL over `cloudtrail` that say which events belong to a timeline.
#pragma once

#include "investigate/timeline.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::investigate {

/// AKIA… and ASIA…, 20 characters. Source: IAM User Guide, "Unique identifiers".
bool is_access_key(std::string_view text);
/// ASIA…: one that a call of STS gave. Those of users (AKIA…) are never such.
bool is_temporary_key(std::string_view text);

std::string identity_condition(std::string_view identity);
std::string keys_condition(const std::vector<std::string>& keys);

/// Events of the request's subject and of the sessions that its chain opened.
std::string subject_condition(const TimelineRequest& request, const Chain& chain);

}  // namespace cairn::investigate
