// Where accepted events are until the lake and the trails have them: numbered files of JSON lines,
// one record a line. What append() acknowledged is synced and survives kill -9 and a power cut.
//
// A segment is written by appends, then sealed, then never changed. Its consumers (the lake's
// ingest, each trail) remember for themselves how far they came; remove_before() is called with the
// least of them. Files: docs/formats/spool.md.
#pragma once

#include "base/result.h"
#include "io/clock.h"

#include <atomic>
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
  /// Space kept for append_call() while the disk or the spool is full; 0: none.
  uint64_t reserve_bytes = 0;
  /// append() refuses records while less than this is free, by `free_bytes`; 0: it does not look.
  uint64_t free_bytes_min = 0;
  /// Free bytes of the file systems that records end on; empty: of the spool's folder.
  std::function<Result<uint64_t>()> free_bytes{};
};

/// What append() and append_call() can count on.
struct SpoolSpace {
  uint64_t free_bytes = 0;          ///< 0 if that cannot be read
  uint64_t free_bytes_min = 0;      ///< SpoolOptions::free_bytes_min
  uint64_t reserve_bytes = 0;       ///< of the file; 0: it could not be made, or none is wanted
  uint64_t reserve_used_bytes = 0;  ///< by records that wait for space

  bool is_low() const { return free_bytes < free_bytes_min; }
};

/// Room for the record of a call, from hold(); given back when the object ends.
class Room {
 public:
  Room(std::shared_ptr<std::atomic<uint64_t>> held, uint64_t bytes)
      : held_(std::move(held)), bytes_(bytes) {}

  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  Room(Room&&) = delete;
  Room& operator=(Room&&) = delete;

  ~Room() { *held_ -= bytes_; }

  uint64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<std::atomic<uint64_t>> held_;
  uint64_t bytes_ = 0;
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

  /// Adds all of the records, or none of them when it fails: `exhausted` if a record is too large,
  /// `unavailable` if the spool is full, free space is low or the disk refuses (the spool goes on
  /// once it no longer does). Each record is a JSON object without line ends. Appends of several
  /// threads share a sync. A segment never holds a part of an append's records only.
  virtual Status append(const std::vector<std::string_view>& records) = 0;

  /// Keeps room for the record of a call that is about to be carried out: append_call() of up to
  /// `bytes_max` will find space, also if the disk becomes full in between. Fails with
  /// `unavailable` when there is none.
  virtual Result<std::unique_ptr<Room>> hold(uint64_t bytes_max) = 0;

  /// Adds the record of a call, in the reserve if there is no other space. Such a record reaches
  /// the segments, and so the spool's consumers, with the first roll() that finds space. Fails as
  /// append() does, and with `internal` for a record larger than its room.
  virtual Status append_call(std::string_view record, const Room& room) = 0;

  virtual SpoolSpace space() const = 0;

  /// Seals the segment being written, if it holds anything. Gives the number that the next record
  /// will be written to: all records acknowledged before are in segments below it, but those that
  /// have to wait in the reserve.
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
