// Delivery of log files from the outbox to their buckets, again and again until it works, and of
// the notices that tell of it.
#pragma once

#include "trails/internal/context.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cairn::trails {

/// When a bucket that refused is tried again: after a while that doubles. Thread-safe.
class Backoff {
 public:
  Backoff(int64_t first_us, int64_t most_us) : first_us_(first_us), most_us_(most_us) {}

  void failed(const Destination& to, int64_t now_us);

  void worked(const Destination& to);

  /// Those of `waiting`, all for which something waits, that may be tried now; `impatient`: all.
  /// What is known of others is forgotten.
  std::vector<Destination> due(std::vector<Destination> waiting, int64_t now_us, bool impatient);

  /// Did it refuse at its last try?
  bool refuses(const Destination& to) const;
  size_t refusing() const;

 private:
  struct Wait {
    int64_t next_us = 0;
    int64_t length_us = 0;
  };

  const int64_t first_us_;
  const int64_t most_us_;
  bool is_due(const Destination& to, int64_t now_us) const;  ///< with the mutex held

  mutable std::mutex mutex_;
  std::map<Destination, Wait> waits_;
};

/// How much of what waits is delivered in one turn.
enum class Turn : uint8_t { all, fair };

/// Thread-safe, but for one destination or target at a time.
class Courier {
 public:
  explicit Courier(Context& context)
      : context_(context), backoff_(context.options.retry_us, context.options.retry_max_us) {}

  /// Places for which log files wait. `impatient`: also those that are not due to be tried again.
  Result<std::vector<Destination>> due(int64_t now_us, bool impatient);

  /// Delivers what waits for one of them; true: there may be more. Fails only as our own state
  /// does.
  Result<bool> deliver_to(const Destination& to, int64_t now_us, Turn turn, RunReport& report);

  bool refuses(const Destination& to) const { return backoff_.refuses(to); }

  /// Targets of notices that are due.
  Result<std::vector<std::string>> due_targets(int64_t now_us, bool impatient);

  /// Sends a target's notices in their order, as long as it takes them.
  Status notify(const std::string& target, int64_t now_us, bool impatient, RunReport& report);
  bool refuses(const std::string& target) const;

  /// Buckets that refused at their last try.
  size_t refusing() const { return backoff_.refusing(); }

  /// Removes what a crash left in the outbox.
  Status tidy_outbox();

 private:
  Status put(io::ObjectStore& bucket, const LogFile& file);
  Status finish(const Trail& trail, const LogFile& file, int64_t now_us);
  Status add_notices(const Trail& trail, const LogFile& file, const std::vector<std::string>& keys,
                     int64_t now_us);
  /// True: it was taken.
  Result<bool> send(const store::StateRow& row, int64_t now_us, RunReport& report);

  Context& context_;
  Backoff backoff_;
  mutable std::mutex mutex_;
  std::set<std::string> refusing_targets_;
};

}  // namespace cairn::trails
