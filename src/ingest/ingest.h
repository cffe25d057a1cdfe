// Ingest: every event of a source into the lake, once. Objects are read and decoded on all cores,
// a batch at a time; a batch is sorted by time, cleared of events that the lake holds, written as
// one Parquet file a day, and committed together with the ledger's entries of its objects. A batch
// that was not committed left nothing: the next run takes its objects again.
#pragma once

#include "base/result.h"
#include "ingest/source.h"
#include "io/clock.h"
#include "source/coverage.h"
#include "store/lake.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::ingest {

struct IngestOptions {
  int threads = 0;                     ///< 0: one per core
  uint64_t batch_bytes = 160'000'000;  ///< JSON that a batch holds in memory, about
  bool salvage = false;                ///< take whole records out of damaged files
  bool take_changed = false;           ///< read objects again whose size or etag changed
  bool retry_rejected = false;         ///< read only what was rejected before
  int lock_seconds_max = 600;          ///< patience with another writer
};

/// Counts of a run. Objects: listed = known + changed + taken + partial + rejected + left_out,
/// unless it was stopped.
struct IngestReport {
  uint64_t objects_listed = 0;
  uint64_t objects_known = 0;    ///< taken by an earlier run
  uint64_t objects_changed = 0;  ///< taken before with another size or etag; left alone
  uint64_t objects_taken = 0;
  uint64_t objects_partial = 0;
  uint64_t objects_rejected = 0;
  uint64_t objects_left_out = 0;
  uint64_t objects_failed = 0;  ///< the source could not give them; a later run tries again
  uint64_t bytes_read = 0;      ///< of the objects as they lie there
  uint64_t json_bytes = 0;
  uint64_t events_new = 0;
  uint64_t events_duplicate = 0;
  uint64_t records_rejected = 0;
  uint64_t files_written = 0;
  uint64_t file_bytes = 0;
  uint64_t commits = 0;
  int64_t snapshot_id = 0;  ///< of the last commit; 0: nothing was committed
  bool interrupted = false;
  std::vector<source::Problem> problems;  ///< up to source::Coverage::kProblemsMax
  std::vector<std::string> changed;       ///< names of changed objects, up to kProblemsMax
};

/// Any thread may look while the run goes on.
struct IngestProgress {
  std::atomic<uint64_t> objects_total{0};
  std::atomic<uint64_t> bytes_total{0};
  std::atomic<uint64_t> objects_done{0};
  std::atomic<uint64_t> bytes_done{0};
  std::atomic<uint64_t> events{0};
  std::atomic<bool> listing{false};
};

/// What a program that ingests again and again keeps between its runs: the open table and the keys
/// of the events that the lake holds. One run at a time. Bound to the lake of its first run.
class IngestMemory {
 public:
  IngestMemory();
  IngestMemory(IngestMemory&&) noexcept;
  IngestMemory& operator=(IngestMemory&&) noexcept;
  ~IngestMemory();

  struct State;

  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// `cancelled` ends the run after the batch in hand is committed. Borrows all it is given. An error
/// means that a batch could not be committed (disk, catalog): what was committed before stays.
Result<IngestReport> ingest(store::Lake& lake, Source& source, const IngestOptions& options,
                            const io::Clock& clock, const std::atomic<bool>& cancelled,
                            IngestProgress& progress);

/// The same with what earlier runs left in `memory`.
Result<IngestReport> ingest(store::Lake& lake, Source& source, const IngestOptions& options,
                            const io::Clock& clock, const std::atomic<bool>& cancelled,
                            IngestProgress& progress, IngestMemory& memory);

}  // namespace cairn::ingest
