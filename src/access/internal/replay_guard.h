// Remembers signatures, so that one that was overheard cannot be used again.
#pragma once

#include "access/internal/replay_journal.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cairn::access {

/// Thread-safe. Holds at most `entries_max`; the oldest are forgotten first.
class ReplayGuard {
 public:
  ReplayGuard(size_t entries_max, int64_t grace_us)
      : entries_max_(entries_max), grace_us_(grace_us) {}

  /// False when `signature` (64 hexadecimal digits) was first seen more than the grace ago.
  /// `keep_us`: how long from now it could be used. Times are microseconds.
  bool admit(std::string_view signature, int64_t now_us, int64_t keep_us);

  /// Takes over what the files at `path` hold (ReplayJournal), and writes to them from now on.
  Status remember_in(const std::string& path, int64_t now_us);

  size_t size() const;

 private:
  bool add(const SeenSignature& seen);
  void forget(int64_t now_us);

  const size_t entries_max_;
  const int64_t grace_us_;
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, int64_t> first_seen_us_;
  std::deque<SeenSignature> order_;  ///< as they came
  std::optional<ReplayJournal> journal_;
};

}  // namespace cairn::access
