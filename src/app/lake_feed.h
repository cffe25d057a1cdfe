// Accepted events into the lake: what was sealed in the spool is ingested, again and again.
#pragma once

#include "app/feed_pace.h"
#include "app/log.h"
#include "base/result.h"
#include "ingest/ingest.h"
#include "io/clock.h"
#include "io/waiter.h"
#include "spool/spool.h"
#include "store/lake.h"
#include "store/state_database.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cairn::app {

struct LakeFeedOptions {
  FeedPaceOptions pace{};       ///< how long after it was accepted an event is in the lake
  int threads = 0;              ///< of ingest; 0: one per core
  std::string rejected_folder;  ///< segments with lines that the lake could not take
};

struct LakeFeedStatus {
  uint64_t events = 0;      ///< new in the lake since the start
  uint64_t duplicates = 0;  ///< were there already
  uint64_t rejected = 0;    ///< lines that could not be taken
  uint64_t commits = 0;
  uint64_t failures = 0;       ///< runs that failed; the next one tries again
  int64_t last_commit_us = 0;  ///< 0: none yet
  uint64_t next_segment = 1;   ///< all below are in the lake
  int64_t last_run_us = 0;     ///< how long it took
  bool failing = false;        ///< the last run did
};

/// A thread that feeds the lake. Events that were fed before (the process died between the commit
/// and the note of it) are known by their ids, so each is in the lake once.
class LakeFeed {
 public:
  /// Borrows all but the options.
  static Result<std::unique_ptr<LakeFeed>> start(store::Lake& lake, spool::Spool& spool,
                                                 store::StateDatabase& state,
                                                 const io::Clock& clock, io::Waiter& waiter,
                                                 Log& log, LakeFeedOptions options);
  ~LakeFeed();

  /// Feeds what is there, and ends. What cannot be fed stays in the spool.
  void stop();

  LakeFeedStatus status() const;

 private:
  LakeFeed(store::Lake& lake, spool::Spool& spool, store::StateDatabase& state,
           const io::Clock& clock, io::Waiter& waiter, Log& log, LakeFeedOptions options);
  void work();
  bool is_due(FeedPace& pace) const;
  Status feed();
  Status take(const std::vector<spool::Segment>& segments);
  Status keep_rejected(const std::vector<spool::Segment>& segments);

  store::Lake& lake_;
  spool::Spool& spool_;
  store::StateDatabase& state_;
  const io::Clock& clock_;
  io::Waiter& waiter_;
  Log& log_;
  const LakeFeedOptions options_;
  ingest::IngestMemory memory_;
  uint64_t records_seen_ = 0;  ///< of those that the spool took; fed by the last run
  std::atomic<bool> never_{false};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  LakeFeedStatus status_;
  std::thread thread_;
};

}  // namespace cairn::app
