// A copy of a SQLite database that others use meanwhile.
#pragma once

#include "base/result.h"

#include <functional>
#include <string>

namespace cairn::store {

/// Writes the database `from`, as it is at one moment, to the new file `to` (mode 0600). Others may
/// read it meanwhile, but not commit before `meanwhile` has returned: what it copies belongs to
/// that moment, too. It should take less than a few seconds; the copy is removed when it fails.
/// Fails with `not_found`, `permission_denied`, `corrupt`, `exhausted`, `unavailable`.
Status copy_database(const std::string& from, const std::string& to,
                     const std::function<Status()>& meanwhile = {});

}  // namespace cairn::store
