// Small conversions between AWS's members and values of ours.
#pragma once

#include "api/operation.h"
#include "aws/tags.h"
#include "trails/trail.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::api {

/// "" when it is absent.
std::string text_of(const Json& input, const char* member);
std::optional<std::string> optional_text(const Json& input, const char* member);
std::optional<bool> optional_boolean(const Json& input, const char* member);
std::vector<std::string> texts_of(const Json& input, const char* member);

/// A timestamp: seconds since 1970, with a fraction.
std::optional<int64_t> optional_time_us(const Json& input, const char* member);
Json epoch_seconds(int64_t micros);

/// Puts a member that has a text.
void put_text(Json& out, const char* member, const std::string& text);

/// `[{"Key": …, "Value": …}]`
aws::Tags read_tags(const Json& input, const char* member);
Json write_tags(const aws::Tags& tags);

trails::Scope scope_of(const Call& call);

/// A trail shows events to whoever reads its bucket: a key that may see some accounts' only may set
/// up one of its own account, if it may see that, and none of an organization. Fails with
/// AccessDeniedException. `organization`: the trail is one of all accounts.
Status check_sight(const Call& call, bool organization);

/// The same for a trail that is there; one that is not is no fault here.
Status check_sight_of(Features& features, const Call& call, const std::string& trail);

}  // namespace cairn::api
