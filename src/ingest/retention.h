// Retention: events older than an instant leave the lake, exactly those.
#pragma once

#include "base/result.h"
#include "store/lake.h"

#include <atomic>
#include <cstdint>
#include <vector>

namespace cairn::ingest {

struct RetentionReport {
  uint64_t events = 0;           ///< that left the lake
  uint64_t files_removed = 0;    ///< all of whose events did
  uint64_t files_rewritten = 0;  ///< that held younger ones too
  uint64_t bytes_removed = 0;    ///< of removed files, and what rewriting saved
  std::vector<int32_t> days;     ///< days since 1970 that lost events
};

/// Removes events with an eventTime before `older_than_us` in one commit. Their bytes stay on disk
/// until the snapshots that hold them expire. `dry_run` only counts (of files that would be
/// rewritten, events are not counted).
Result<RetentionReport> remove_older(store::Lake& lake, int64_t older_than_us, bool dry_run,
                                     const std::atomic<bool>& cancelled);

}  // namespace cairn::ingest
