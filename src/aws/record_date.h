// Instants as CloudTrail's records show those of requests and answers.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::aws {

/// "Nov 20, 2026, 3:04:05 PM", in UTC. `time_us`: microseconds since 1970.
std::string record_date(int64_t time_us);

}  // namespace cairn::aws
