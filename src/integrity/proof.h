// The proof of a single event: the log file that holds it, the digest that names the file, the
// signature on the digest, and the next digest that names both.
#pragma once

#include "base/result.h"
#include "integrity/walk.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cairn::integrity {

/// Where an event was found. Its checks are those of the files.
struct EventPlace {
  CheckedLog log{};
  std::shared_ptr<const CheckedDigest> next_digest{};  ///< valid, names `log.digest`; may be absent
};

/// Passes a walk on to another visitor until a log file holds the event; then ends the walk. Walk
/// with WalkOptions::event_id.
class EventSearch final : public WalkVisitor {
 public:
  /// `next` may be null.
  explicit EventSearch(WalkVisitor* next) : next_(next) {}

  bool digest(const std::shared_ptr<const CheckedDigest>& digest) override;
  bool log(const CheckedLog& log) override;
  bool gap(const DigestGap& gap) override;

  const std::optional<EventPlace>& found() const { return found_; }

  uint64_t logs_searched() const { return logs_; }

 private:
  WalkVisitor* const next_;
  std::shared_ptr<const CheckedDigest> newer_;  ///< the last valid digest
  std::shared_ptr<const CheckedDigest> newer_of_current_;
  std::optional<EventPlace> found_;
  uint64_t logs_ = 0;
};

/// The event as it stands in a log file.
struct EventRecord {
  size_t number = 0;  ///< counted from 1
  size_t records = 0;
  std::string text{};  ///< the record's JSON; hostile
};

/// Fails with `not_found` when the log file does not hold the event (any more), with `corrupt` when
/// it cannot be read, and as reading fails.
Result<EventRecord> read_event(Archive& archive, const std::string& bucket, const std::string& key,
                               const std::string& event_id);

/// Whether a log file that no digest names holds the event. Fails as reading does.
Result<bool> holds_event(Archive& archive, const std::string& bucket, const std::string& key,
                         const std::string& event_id);

}  // namespace cairn::integrity
