// The wall around the events of some accounts, in SQL.
#pragma once

#include "base/result.h"
#include "lang/athena/rewrite.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::query {

/// Fails with `invalid_argument` when one of them is no account id.
Status check_accounts(const std::vector<std::string>& accounts);

/// `SELECT …` with the columns of `source`, of which only the rows of `accounts` are left, and out
/// of which no condition of a query around it is moved in: a cast that fails there, and so tells a
/// value, must not see other rows. What the optimizer would have moved in and is harmless, the
/// single values that `scans` ask for, is put in by hand.
std::string scoped_source_sql(std::string_view source, const std::vector<std::string>& accounts,
                              const std::vector<lang::athena::ScanBounds>& scans);

/// What stands behind FROM: the rows of `accounts` in `source`, which stands behind FROM and has
/// the stored columns of a lake. For statements of our own, which do not fail on rows.
std::string scoped_stored_sql(std::string_view source, const std::vector<std::string>& accounts);

}  // namespace cairn::query
