// Free space on file systems.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>

namespace cairn::io {

struct DiskSpace {
  uint64_t free_bytes = 0;   ///< that this user may fill
  uint64_t total_bytes = 0;  ///< of the file system
};

/// The file system that `path` is on. Fails as system calls do.
Result<DiskSpace> disk_space(const std::string& path);

}  // namespace cairn::io
