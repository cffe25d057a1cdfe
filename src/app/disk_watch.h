// Free space where events end, so that new ones are refused before a disk is full.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::app {

/// Thread-safe.
class DiskWatch {
 public:
  /// Places that are not folders of this machine, such as `s3://…`, are left out.
  explicit DiskWatch(const std::vector<std::string>& places);

  /// Of the fullest of the file systems. Fails as system calls do.
  Result<uint64_t> free_bytes() const;

  /// 512 MiB, and at most a twentieth of the smallest of the file systems.
  uint64_t default_minimum() const;

 private:
  std::vector<std::string> folders_;
};

}  // namespace cairn::app
