// What the kernel says of this process.
#pragma once

#include "base/result.h"

#include <cstdint>

namespace cairn::io {

struct ProcessNumbers {
  double cpu_seconds = 0;    ///< user and system, of all threads
  double start_seconds = 0;  ///< since 1970
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_descriptors = 0;
  uint64_t max_descriptors = 0;  ///< the soft limit; UINT64_MAX for none
  uint64_t threads = 0;
};

/// Reads /proc. Thread-safe. Fails with `unavailable` where there is no such folder, as
/// File::open() and with `corrupt` when it holds something else than Linux writes there.
Result<ProcessNumbers> read_process_numbers();

}  // namespace cairn::io
