// Trails and their status as the texts that rows keep: JSON in our own words. What a reader does
// not find stays at its default, so that rows of older versions can be read.
#pragma once

#include "base/result.h"
#include "trails/trail.h"

#include <string>
#include <string_view>

namespace cairn::trails {

/// All but id, account, region, name and logging, which are columns.
std::string settings_json(const Trail& trail);
/// Adds the settings to `trail`. Fails with `corrupt`.
Status read_settings(std::string_view text, Trail& trail);

/// All but `logging` and `files_waiting`.
std::string status_json(const TrailStatus& status);
Result<TrailStatus> read_status(std::string_view text);

}  // namespace cairn::trails
