// Online copy of a SQLite database.
#pragma once

#include "base/result.h"

#include <functional>
#include <string>

namespace cairn::store {

/// Copies a database that others use, as it is at one moment, to the new file `to` (mode 0600).
/// Calls `meanwhile` before anyone can commit again, so that files which belong to the database can
/// be copied at the same moment. Commits of others wait up to 15 seconds, so it should be fast. If
/// it fails, the copy is removed. Fails with `not_found`, `permission_denied`, `corrupt`,
/// `exhausted`, `unavailable`.
Status copy_database(const std::string& from, const std::string& to,
                     const std::function<Status()>& meanwhile = {});

}  // namespace cairn::store
