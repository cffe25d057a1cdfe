#include "io/disk_space.h"

#include "io/file.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>

namespace cairn::io {

Result<DiskSpace> disk_space(const std::string& path) {
  struct statvfs info {};

  if (statvfs(path.c_str(), &info) != 0)
    return system_error(fmt::format("cannot read the free space of '{}'", path), errno);
  const uint64_t block = info.f_frsize;
  return DiskSpace{.free_bytes = info.f_bavail * block, .total_bytes = info.f_blocks * block};
}

}  // namespace cairn::io
