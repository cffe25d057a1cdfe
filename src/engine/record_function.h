// Scalar functions over the lake's columns: one puts a record together, for queries that want the
// record itself (see model/record_parts.h), one says that a text is JSON.
#pragma once

#include "base/result.h"
#include "engine/database.h"

#include <string_view>

namespace cairn::engine {

inline constexpr std::string_view kRecordFunction = "cairn_record";

inline constexpr std::string_view kJsonFunction = "cairn_json";

/// Makes known cairn_record(patch, <every stored column of model::columns(), in order>) → JSON,
/// with json columns as VARCHAR, and cairn_json(VARCHAR) → JSON, which unlike a cast neither checks
/// nor copies: what the lake holds was checked when it came in, and may hold what DuckDB refuses
/// (lone surrogates).
Status register_lake_functions(Connection& connection);

}  // namespace cairn::engine
