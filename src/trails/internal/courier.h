// Delivery of log files from the outbox to their buckets, again and again until it works, and of
// the notices that tell of it.
#pragma once

#include "trails/internal/context.h"

#include <cstdint>
#include <map>
#include <vector>

namespace cairn::trails {

/// When a bucket that refused is tried again: after a while that doubles.
class Backoff {
 public:
  Backoff(int64_t first_us, int64_t most_us) : first_us_(first_us), most_us_(most_us) {}

  bool due(const Destination& to, int64_t now_us) const;
  void failed(const Destination& to, int64_t now_us);

  void worked(const Destination& to) { waits_.erase(to); }

  /// Forgets those for which nothing waits any more.
  void keep(const std::vector<Destination>& wanted);

  size_t refusing() const { return waits_.size(); }

 private:
  struct Wait {
    int64_t next_us = 0;
    int64_t length_us = 0;
  };

  const int64_t first_us_;
  const int64_t most_us_;
  std::map<Destination, Wait> waits_;
};

class Courier {
 public:
  explicit Courier(Context& context)
      : context_(context), backoff_(context.options.retry_us, context.options.retry_max_us) {}

  /// Delivers what waits. `impatient`: also what is not due to be tried again. Fails only as our
  /// own state does.
  Status deliver(int64_t now_us, bool impatient, RunReport& report);

  /// Sends notices that are due.
  Status notify(int64_t now_us, bool impatient, RunReport& report);

  /// Buckets that refused at their last try.
  size_t refusing() const { return backoff_.refusing(); }

  /// Removes what a crash left in the outbox.
  Status tidy_outbox();

 private:
  Status deliver_to(const Trail& trail, const Destination& to, int64_t now_us, RunReport& report);
  Status put(io::ObjectStore& bucket, const LogFile& file);
  Status finish(const Trail& trail, const LogFile& file, int64_t now_us);
  Status add_notices(const Trail& trail, const LogFile& file, const std::vector<std::string>& keys,
                     int64_t now_us);
  Status send(const store::StateRow& row, int64_t now_us, RunReport& report);

  Context& context_;
  Backoff backoff_;
};

}  // namespace cairn::trails
