// Small files that hold secrets: for their owner only, made once, never replaced.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::io {

/// Who else may read a secret without our saying no.
enum class Others : bool {
  refused,   ///< files that we made: group and others must have no right to them
  accepted,  ///< files that the user named, such as mounted secrets
};

/// Makes `path` with mode 0600 and these bytes, synced, whole or not at all. Fails with
/// `already_exists` when it is there, also when another program was first.
Status make_private_file(const std::string& path, std::string_view bytes);

/// Fails with `permission_denied` when others may read it, `exhausted` when it is longer than
/// `bytes_max`, and as File::open().
Result<std::string> read_private_file(const std::string& path, size_t bytes_max, Others others);

}  // namespace cairn::io
