// Where accepted events are until the lake and the trails have them: numbered files of JSON lines,
// one record a line. What append() acknowledged is synced and survives kill -9 and a power cut.
//
// A segment is written by appends, then sealed, then never changed. Its consumers (the lake's
// ingest, each trail) remember for themselves how far they came; remove_before() is called with the
// least of them. Files: docs/formats/spool.md.
#pragma once

#include "base/result.h"
#include "io/clock.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::spool {

struct SpoolOptions {
  std::string folder{};
  uint64_t segment_bytes_max = 64 << 20;  ///< a segment is sealed when it reaches this
  uint64_t bytes_max = 16ULL << 30;       ///< of all segments; appends above it are refused
  uint64_t record_bytes_max = 10 << 20;
};

struct Segment {
  uint64_t number = 0;  ///< from 1, ever growing, also over restarts
  std::string path{};
  uint64_t bytes = 0;
  uint64_t records = 0;
  int64_t sealed_us = 0;
};

/// What open() found of a process that died.
struct SpoolRecovery {
  uint64_t segments = 0;         ///< sealed ones that wait for their consumers
  uint64_t torn_bytes = 0;       ///< of a record whose append was never acknowledged
  uint64_t damaged_records = 0;  ///< lines that are no JSON object; kept in `damaged_file`
  std::string damaged_file{};
};

/// Thread-safe. One process at a time (a lock file): a second open() fails with `unavailable`.
class Spool {
 public:
  static Result<std::unique_ptr<Spool>> open(SpoolOptions options, const io::Clock& clock);
  virtual ~Spool() = default;

  /// All of the records, or none of them when it fails: `exhausted` when the spool is full or a
  /// record too large, `unavailable` when the disk refuses (the spool goes on when it no longer
  /// does). Each record is a JSON object without line ends. Appends of several threads share a
  /// sync. A segment never holds a part of an append's records only.
  virtual Status append(const std::vector<std::string_view>& records) = 0;

  /// Seals the segment being written, if it holds anything. Gives the number that the next record
  /// will be written to: all records acknowledged before are in segments below it.
  virtual Result<uint64_t> roll() = 0;

  /// Sealed segments from number `from` on, in order.
  virtual std::vector<Segment> sealed(uint64_t from) const = 0;

  /// The number of the segment that the next record goes to, at least.
  virtual uint64_t current() const = 0;

  /// The lines of a sealed segment, one record each; `visit` returning false stops.
  virtual Status read(const Segment& segment,
                      const std::function<bool(std::string_view record)>& visit) const = 0;

  /// Removes sealed segments below `number`.
  virtual Status remove_before(uint64_t number) = 0;

  virtual const SpoolRecovery& recovery() const = 0;

  /// Bytes in all segments, records that were appended since open().
  virtual uint64_t bytes() const = 0;
  virtual uint64_t records_appended() const = 0;
};

}  // namespace cairn::spool
