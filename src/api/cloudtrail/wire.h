// Small conversions between AWS's members and values of ours.
#pragma once

#include "api/operation.h"
#include "aws/tags.h"
#include "recording/recording.h"
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

// Where the caller's own things are: its home account, in the Region that it asks.
trails::Scope scope_of(const Call& call);
recording::Scope place_of(const Call& call);

}  // namespace cairn::api
