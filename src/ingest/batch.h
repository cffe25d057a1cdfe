// One batch of an ingest, from objects to files: reads on all threads, sorts, drops what is known,
// encodes on all threads.
#pragma once

#include "base/result.h"
#include "ingest/encode.h"
#include "ingest/gather.h"
#include "ingest/ingest.h"
#include "ingest/known_keys.h"
#include "source/file_reader.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cairn::ingest {

/// What became of one object in a batch.
struct ObjectOutcome {
  uint32_t object = 0;  ///< index in the work list
  source::FileReport report;
  std::vector<source::Problem> problems;
  uint64_t duplicates = 0;
  uint64_t stored = 0;
  std::optional<Error> unread{};  ///< the source could not give it: to be tried by a later run
};

/// A day's file, not yet stored.
struct DayFile {
  int32_t day = 0;
  EncodedFile encoded;
};

struct Batch {
  std::vector<ObjectOutcome> objects;  ///< those that were read to their end
  std::vector<DayFile> files;
  uint64_t json_bytes = 0;
  uint64_t events_new = 0;
  uint64_t events_duplicate = 0;
};

/// Makes batch after batch of a work list. Not thread-safe; works on `threads` threads.
class Batcher {
 public:
  Batcher(Source& source, const std::vector<SourceObject>& work, const Identity& identity,
          const IngestOptions& options, int threads, const std::atomic<bool>& cancelled,
          IngestProgress& progress);
  ~Batcher();

  /// Reads objects until the batch is full, the list ends, or the run is cancelled. False when
  /// there was nothing left to read.
  bool read();

  /// The days that the events read fall on.
  std::vector<int32_t> days();

  /// Drops events that are known (adding the others to `known`), and encodes the rest.
  Result<Batch> encode(KnownKeys& known);

 private:
  struct Worker;

  void read_objects(Worker& worker);
  bool begin_object(Worker& worker);
  void end_object(Worker& worker);
  void merge_events();
  void drop_known(KnownKeys& known, Batch& batch);
  Result<std::vector<DayFile>> encode_days();

  Source& source_;
  const std::vector<SourceObject>& work_;
  const Identity& identity_;
  const IngestOptions& options_;
  const std::atomic<bool>& cancelled_;
  IngestProgress& progress_;
  std::vector<std::string> names_;  ///< per object of the work list
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> held_bytes_{0};
  std::vector<Event> events_;

  struct Counts {
    uint64_t stored = 0;
    uint64_t duplicates = 0;
  };

  std::unordered_map<uint32_t, Counts> counts_;  ///< of objects whose outcome is yet to come
};

}  // namespace cairn::ingest
