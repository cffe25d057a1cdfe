// The walk along a chain of digests, from the newest to the oldest, in the order and with the
// judgement of `aws cloudtrail validate-logs` (validation.py of the AWS CLI), but on several
// threads: files are read and hashed ahead, and told of in order.
#pragma once

#include "base/result.h"
#include "integrity/archive.h"
#include "integrity/check.h"
#include "integrity/digest_key.h"
#include "integrity/public_keys.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cairn::integrity {

/// The digests of one chain that lie in an archive: the times in their names, ascending.
struct DigestTimes {
  std::vector<int64_t> standard{};
  std::vector<int64_t> backfill{};

  bool empty() const { return standard.empty() && backfill.empty(); }
};

/// The digests of `chain` in `bucket` whose names tell of [start, end + 1 h], as the AWS CLI takes
/// them. Times are microseconds.
Result<DigestTimes> list_digests(Archive& archive, const std::string& bucket,
                                 const DigestChain& chain, int64_t start_us, int64_t end_us);

/// Time without digests, at the start of a chain: logging or validation was off.
struct DigestGap {
  bool backfill = false;
  int64_t older_end_us = 0;
  int64_t newer_start_us = 0;
};

/// Told of everything, by one thread, in order: a digest, then the log files that it names. False
/// ends the walk.
class WalkVisitor {
 public:
  virtual ~WalkVisitor() = default;
  virtual bool digest(const std::shared_ptr<const CheckedDigest>& digest) = 0;
  virtual bool log(const CheckedLog& log) = 0;
  virtual bool gap(const DigestGap& gap) = 0;
};

struct WalkOptions {
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool logs = true;        ///< look at log files too
  int threads = 1;         ///< that read and hash
  std::string event_id{};  ///< to be looked for in log files (CheckedLog::holds_event)
  const std::atomic<bool>* cancelled = nullptr;
};

/// Walks the chain whose newest digests lie in `bucket`: the standard digests, then the backfill
/// digests. Fails with `not_found` when there are no keys for the time, as reading fails (a file
/// that is absent is no failure), and with `unavailable` when cancelled. Memory does not grow with
/// the number of log files.
Status walk(Archive& archive, KeySource& keys, const DigestChain& chain, const std::string& bucket,
            const WalkOptions& options, WalkVisitor& visitor);

}  // namespace cairn::integrity
