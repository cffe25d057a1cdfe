// Space that is kept for records of calls while the disk is full: a file that was written whole
// when it was made, and is written in place from then on, so that writing to it needs no new space.
// docs/formats/spool.md describes the bytes.
#pragma once

#include "base/result.h"
#include "io/descriptor.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::spool::internal {

inline constexpr const char* kReserveName = "reserve";

/// Not thread-safe.
class Reserve {
 public:
  /// Opens the file of `bytes`, with the whole appends that an earlier process left in it, or makes
  /// it. Fails as system calls do; nothing is left then of a file that held nothing.
  static Result<Reserve> open(const std::string& folder, uint64_t bytes);

  /// Adds an append, which ends with an empty line, and syncs it. Fails with `exhausted` when it
  /// does not fit, else as system calls do; the file then holds what it held before.
  Status add(std::string_view text, uint64_t records);

  /// Whether it can be written to now: writes a zero where one is. Fails as system calls do.
  Status probe();

  /// All that was added since it was empty, in the form that salvage() reads.
  Result<std::string> read() const;

  /// Forgets what is in it, durably.
  Status clear();

  uint64_t bytes() const { return bytes_; }

  uint64_t used_bytes() const { return used_; }

  uint64_t records() const { return records_; }

 private:
  Reserve(io::Descriptor file, uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

  io::Descriptor file_;
  uint64_t bytes_ = 0;
  uint64_t used_ = 0;
  uint64_t records_ = 0;
};

}  // namespace cairn::spool::internal
