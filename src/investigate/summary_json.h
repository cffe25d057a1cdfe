// A summary as one JSON object; docs/manual/summary.md lists its members.
#pragma once

#include "investigate/summary.h"

#include <string>

namespace cairn::investigate {

/// Indented by two, with a line end. Times are ISO 8601 in UTC.
std::string summary_json(const Summary& summary);

}  // namespace cairn::investigate
