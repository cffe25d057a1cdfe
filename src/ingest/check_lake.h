// Reads a lake back and says whether it is what its metadata say.
#pragma once

#include "base/result.h"
#include "store/lake.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn::ingest {

struct CheckOptions {
  bool remove_orphans = false;
  int64_t orphans_older_than_us = 0;  ///< younger ones may belong to a writer at work
  int threads = 0;
};

struct LakeFault {
  std::string key;
  std::string what;
};

struct CheckReport {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;           ///< events that the lake has more than once
  std::vector<LakeFault> faults;     ///< files that are missing, damaged, or not as described
  std::vector<std::string> orphans;  ///< keys of files that nothing names
  uint64_t orphan_bytes = 0;
  uint64_t orphans_removed = 0;
};

struct CheckProgress {
  std::atomic<uint64_t> bytes_total{0};
  std::atomic<uint64_t> bytes_done{0};
};

/// Every page of every file is decompressed (zstd's checksums are verified), rows are counted,
/// times compared with bounds and partition, records put together, ids compared.
Result<CheckReport> check_lake(store::Lake& lake, const CheckOptions& options,
                               const std::atomic<bool>& cancelled, CheckProgress& progress);

}  // namespace cairn::ingest
