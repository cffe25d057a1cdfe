// The SQL by which a diagnosis asks for its events, and the reading of the rows.
#pragma once

#include "diagnose/diagnosis.h"
#include "diagnose/event.h"
#include "engine/result_set.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::diagnose {

struct EventFilter {
  std::string region;  ///< empty: all
  std::optional<int64_t> start_us;
  std::optional<int64_t> end_us;
  bool classic = false;  ///< the three calls of the original, in its order
};

/// One row: first and last event time, and the last one of the diagnosis' own calls; each NULL when
/// there is none.
std::string span_query(const Diagnosis& diagnosis, const EventFilter& filter);

/// The events, a row each, newest first (classic: by name, newest first within each). A diagnosis
/// with a focus gets a row for each event that may be of that class, and for the others one row per
/// hour, call and caller with their number.
std::string event_query(const Diagnosis& diagnosis, const EventFilter& filter);

/// A row of event_query(). The texts live until the next ResultSet::next().
Event read_event(const engine::ResultSet& rows, size_t row);

}  // namespace cairn::diagnose
