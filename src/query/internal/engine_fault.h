// What the engine says about a translated statement, told in terms of the user's own text.
#pragma once

#include "lang/athena/fault.h"

#include <string_view>

namespace cairn::query {

/// `message` is DuckDB's, with its "Binder Error:" and "LINE 1: …", which refer to the translated
/// text and are left out. The name that it speaks of is looked for in `statement`.
lang::athena::Fault fault_of_engine(std::string_view message, std::string_view statement);

/// `message` without the kind that DuckDB puts in front ("IO Error: ").
std::string_view without_kind(std::string_view message);

}  // namespace cairn::query
