// The service's numbers for Prometheus: what each means, and those that are read when somebody
// asks.
#pragma once

#include "io/clock.h"
#include "server/metrics.h"
#include "trails/trails.h"

#include <string>

namespace cairn::app {

/// The metrics of everything but HTTP, which server/ describes.
void describe_numbers(server::Metrics& metrics);

/// How far behind each trail is. What a trail that is gone said is gone too.
void set_trail_numbers(trails::Trails& trails, const io::Clock& clock, server::Metrics& metrics);

/// Of this process, under the names that Prometheus's own clients use, and the build's version.
void set_process_numbers(const std::string& version, server::Metrics& metrics);

}  // namespace cairn::app
