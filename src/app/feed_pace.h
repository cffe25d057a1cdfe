// How often accepted events are committed to the lake.
//
// A commit has a price that does not depend on its events: files of metadata, and later their
// merging. So commits that follow each other are rationed: each takes one from a small store, which
// refills with time. While the store lasts, events are in the lake after the shortest time, so that
// whoever tries something out sees it at once. A steady trickle is committed once per refill. Many
// waiting events are worth a commit at any time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cairn::app {

struct FeedPaceOptions {
  int64_t interval_us = 2'000'000;   ///< the shortest time between two commits
  int64_t refill_us = 10'000'000;    ///< until one more commit is in store; the longest time
  double stored_max = 10;            ///< commits in store at most
  uint64_t records_enough = 16'384;  ///< waiting; no store is needed for them
};

/// Not thread-safe. Times are those of one steady clock.
class FeedPace {
 public:
  explicit FeedPace(FeedPaceOptions options) : options_(options), stored_(options.stored_max) {}

  /// Whether to commit now, with so many records waiting.
  bool is_due(int64_t now_us, uint64_t records) {
    refill(now_us);
    return records > 0 && (records >= options_.records_enough || stored_ >= 1);
  }

  /// A commit was made.
  void committed(int64_t now_us) {
    refill(now_us);
    stored_ = std::max(0.0, stored_ - 1);
  }

 private:
  void refill(int64_t now_us) {
    const auto refill_us = std::max(options_.refill_us, options_.interval_us);
    if (last_us_ && now_us > *last_us_)
      stored_ += static_cast<double>(now_us - *last_us_) / static_cast<double>(refill_us);
    stored_ = std::min(stored_, options_.stored_max);
    last_us_ = now_us;
  }

  const FeedPaceOptions options_;
  double stored_;
  std::optional<int64_t> last_us_;
};

}  // namespace cairn::app
