// The one query behind a summary: a grouping set for each question.
#pragma once

#include "investigate/summary.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn::investigate {

/// What a row of the query counts by.
enum class Question : uint8_t {
  total,
  place,  ///< account, region
  slot,   ///< account, region, five minutes
  minute,
  category,
  service,
  call,      ///< service, name
  identity,  ///< type, kind of key, on behalf
  caller,    ///< caller, session
  address,
  agent,
  error,
  notable,
  repeated,  ///< id; only ids that occur more than once
};

/// Group columns of the query, in this order; then come the aggregates.
enum SummaryColumn : size_t {
  column_grouping,
  column_account,
  column_region,
  column_slot,
  column_minute,
  column_category,
  column_service,
  column_name,
  column_type,
  column_key,
  column_on_behalf,
  column_caller,
  column_session,
  column_address,
  column_agent,
  column_error,
  column_notable,
  column_id,
  column_events,
  column_errors,
  column_reads,
  column_writes,
  column_first,
  column_last,
};

inline constexpr int64_t kSlotMinutes = 5;

std::string summary_sql();

/// The question that a row with this value of GROUPING() answers; nullptr for none.
const Question* find_question(int64_t grouping);

/// What the query looks for by name, each with an empty tally. The conditions exclude each other,
/// so that an event counts once.
std::vector<Notable> notable_kinds();

}  // namespace cairn::investigate
