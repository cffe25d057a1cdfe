// From the bounds that the dialect found in a query to what its files must hold.
#pragma once

#include "engine/database.h"
#include "lang/athena/rewrite.h"
#include "source/options.h"

#include <vector>

namespace cairn::query {

/// The union of what all scans want: a file that any of them needs is read. Constant expressions
/// (now() - interval '1' hour) are evaluated by `connection`; one that it cannot evaluate bounds
/// nothing, and the query itself will say why.
source::Wanted wanted_by(const std::vector<lang::athena::ScanBounds>& scans,
                         engine::Connection& connection);

}  // namespace cairn::query
