// Compaction: the many small files of a day become few large ones, sorted by time. Readers go on
// with the snapshot that they have; writers that were first make it try again, or leave the day.
#pragma once

#include "base/result.h"
#include "store/lake.h"

#include <atomic>
#include <cstdint>

namespace cairn::ingest {

struct CompactOptions {
  uint64_t file_bytes = 128'000'000;  ///< of the files that are made, at most
  uint64_t small_bytes = 0;           ///< files from this on stay as they are; 0: 3/4 of file_bytes
  int threads = 0;                    ///< of the engine; 0: one per core
  bool dry_run = false;
};

struct CompactReport {
  uint64_t days = 0;
  uint64_t files_before = 0;  ///< of those that were merged
  uint64_t files_after = 0;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;
  uint64_t rows = 0;
  uint64_t days_left = 0;  ///< another writer was at them: the next run takes them
};

struct CompactProgress {
  std::atomic<uint64_t> bytes_total{0};
  std::atomic<uint64_t> bytes_done{0};
};

/// Ends between two days when cancelled. Fails with `corrupt` for a file that cannot be read back.
Result<CompactReport> compact(store::Lake& lake, const CompactOptions& options,
                              const std::atomic<bool>& cancelled, CompactProgress& progress);

}  // namespace cairn::ingest
