// The scalar function that puts a record together from the lake's columns, for queries that want
// the record itself. See model/record_parts.h.
#pragma once

#include "base/result.h"
#include "engine/database.h"

#include <string_view>

namespace cairn::engine {

inline constexpr std::string_view kRecordFunction = "cairn_record";

/// Makes cairn_record(patch, <every stored column of model::columns(), in order>) → VARCHAR known.
/// json columns are passed as VARCHAR.
Status register_record_function(Connection& connection);

}  // namespace cairn::engine
