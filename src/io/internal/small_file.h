// Settings and tokens: files that are read whole.
#pragma once

#include "base/result.h"

#include <string>

namespace cairn::io::internal {

/// Fails as File::open(), and with `exhausted` above a mebibyte.
Result<std::string> read_small_file(const std::string& path);

/// What `command` writes to its standard output, by /bin/sh. Fails with `unavailable` when it
/// fails, runs longer than `timeout_ms` or writes more than a mebibyte; it is then ended.
Result<std::string> run_command(const std::string& command, int64_t timeout_ms);

}  // namespace cairn::io::internal
