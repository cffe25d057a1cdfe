// Stores and channels as the texts that the state keeps of them.
#pragma once

#include "base/result.h"
#include "recording/recording.h"

#include <string>
#include <string_view>

namespace cairn::recording::internal {

std::string to_json(const EventDataStore& store);
std::string to_json(const Channel& channel);

/// Fail with `corrupt`.
Result<EventDataStore> store_from_json(std::string_view text);
Result<Channel> channel_from_json(std::string_view text);

}  // namespace cairn::recording::internal
