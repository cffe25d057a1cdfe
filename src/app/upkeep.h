// What a lake that takes events all day needs now and then: small files merged, old snapshots and
// spool segments removed.
#pragma once

#include "app/log.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/waiter.h"
#include "store/lake.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace cairn::app {

struct UpkeepOptions {
  int64_t interval_us = 15'000'000;
  /// Of one day and one class of size; more are merged. Questions about the newest events open each
  /// of them, and what is merged with its like is not written again with each new file.
  uint64_t small_files_max = 8;
  /// Snapshots older than this are thinned to one per `keep_all_us`, those older than an hour to
  /// one an hour, and those older than `keep_hourly_us` are removed. Each commit writes the whole
  /// list of snapshots, so their number decides what a commit costs.
  int64_t keep_all_us = 600'000'000;
  int64_t keep_hourly_us = 86'400'000'000;
  /// Snapshots are thinned when this many have been added since the last time.
  size_t snapshots_added_max = 32;
  int threads = 1;
};

struct UpkeepStatus {
  uint64_t compactions = 0;
  uint64_t files_merged = 0;
  uint64_t snapshots_expired = 0;
  uint64_t failures = 0;
};

/// A thread; ends between two days of a compaction when it is destroyed.
class Upkeep {
 public:
  /// Opens the lake for itself. `clean_spool` is called at each round.
  static Result<std::unique_ptr<Upkeep>> start(const store::LakeOptions& lake,
                                               const io::Clock& clock, io::Waiter& waiter, Log& log,
                                               UpkeepOptions options,
                                               std::function<Status()> clean_spool);
  ~Upkeep();

  UpkeepStatus status() const;

 private:
  Upkeep(store::Lake lake, const io::Clock& clock, io::Waiter& waiter, Log& log,
         UpkeepOptions options, std::function<Status()> clean_spool);
  void work();
  Status round();
  Status thin_snapshots();

  /// Below how many bytes there are too many files of a day; nullopt: nowhere.
  Result<std::optional<uint64_t>> too_many_below();

  store::Lake lake_;
  const io::Clock& clock_;
  io::Waiter& waiter_;
  Log& log_;
  const UpkeepOptions options_;
  const std::function<Status()> clean_spool_;
  size_t snapshots_kept_ = 0;  ///< when they were thinned last
  int64_t thinned_us_ = 0;     ///< when that was; 0: not yet
  std::atomic<bool> cancelled_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  UpkeepStatus status_;
  std::thread thread_;
};

}  // namespace cairn::app
