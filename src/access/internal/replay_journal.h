// Remembered signatures on disk, so that a service that is killed knows them when it comes back.
// Two files, `PATH.0` and `PATH.1`, of 24 bytes an entry; written to without a sync, so that the
// last seconds before a power cut may be missing. docs/formats/keys.md.
#pragma once

#include "base/result.h"
#include "io/append_file.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::access {

struct SeenSignature {
  uint64_t key = 0;  ///< its first 64 bits
  int64_t first_us = 0;
  int64_t until_us = 0;  ///< when it would be too old anyway
};

/// Entries of a file's bytes; what is torn or senseless is left out.
std::vector<SeenSignature> parse_replay_journal(std::string_view bytes);

/// Not thread-safe.
class ReplayJournal {
 public:
  /// `known`: gets what is there of at least the last `entries_max` entries, in no order. Fails
  /// when the files cannot be read or written.
  static Result<ReplayJournal> open(const std::string& path, size_t entries_max,
                                    std::vector<SeenSignature>& known);

  Status add(const SeenSignature& seen);

 private:
  ReplayJournal(std::string path, size_t entries_max, io::AppendFile file)
      : path_(std::move(path)), entries_max_(entries_max), file_(std::move(file)) {}

  std::string path_;
  size_t entries_max_;
  io::AppendFile file_;
  int current_ = 0;
};

}  // namespace cairn::access
