// Trails, their spans, and what waits for delivery, as rows. docs/formats/trails.md has the schema.
#pragma once

#include "base/result.h"
#include "store/state_database.h"
#include "trails/trail.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cairn::trails {

/// A run of segments during which a trail was logging with the same settings.
struct Span {
  int64_t id = 0;
  Trail trail{};            ///< as it was set up then
  uint64_t planned_to = 0;  ///< segments below are in log files, or not wanted
  uint64_t end = kOpen;     ///< the first segment that is not of the span

  static constexpr uint64_t kOpen = std::numeric_limits<int64_t>::max();
};

/// A log file that was made and waits in the outbox, or was delivered and waits for its digest.
struct LogFile {
  int64_t id = 0;
  int64_t trail = 0;
  std::string batch{};  ///< files of one notice
  std::string bucket{};
  std::string key{};
  std::string outbox{};  ///< its key there
  std::string account{};
  std::string region{};
  std::string kms_key{};
  std::string hash{};  ///< SHA-256 of its text, hex
  int64_t oldest_us = 0;
  int64_t newest_us = 0;
  bool digest_due = false;  ///< a digest is to name it
};

/// A bucket that a trail delivers to, or delivered to before it was changed. One that refuses must
/// not hold up another.
struct Destination {
  int64_t trail = 0;
  std::string bucket{};

  // clang-tidy takes the 0 of the comparison for a pointer. NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const Destination&) const = default;
};

class TrailTable {
 public:
  explicit TrailTable(store::StateDatabase& state) : state_(state) {}

  Status prepare();

  store::StateDatabase& state() { return state_; }

  // Trails that were deleted are found by id only, until all is delivered.
  Result<std::vector<Trail>> all();
  Result<std::optional<Trail>> find(std::string_view account, std::string_view region,
                                    std::string_view name);
  Result<std::optional<Trail>> find(int64_t id);

  /// Gives it its id.
  Status insert(Trail& trail, int64_t now_us);
  Status update(const Trail& trail);
  Status mark_deleted(int64_t id, int64_t now_us);

  Result<TrailStatus> status(int64_t id);
  /// Changes what the row says; `change` may not touch `logging`. Within a transaction.
  Status change_status(int64_t id, const std::function<void(TrailStatus&)>& change);
  /// The same in a transaction of its own.
  Status change_status_alone(int64_t id, const std::function<void(TrailStatus&)>& change);

  Result<std::vector<Span>> spans();
  Status begin_span(const Trail& trail, uint64_t first_segment);
  /// Ends the trail's open span, if it has one.
  Status end_span(int64_t trail, uint64_t end);
  /// Removes the span when it is over.
  Status advance_span(const Span& span, uint64_t planned_to);

  Status insert_file(const LogFile& file, int64_t now_us);
  /// Not delivered yet, in order; at most `most`.
  Result<std::vector<LogFile>> waiting(const Destination& to, size_t most);
  /// What such files wait for.
  Result<std::vector<Destination>> destinations();
  /// Nothing waits of spans that are over.
  Result<bool> all_delivered(int64_t trail);
  /// Outbox keys of all files that wait.
  Result<std::vector<std::string>> outbox_keys();
  Status mark_delivered(int64_t file, int64_t now_us);
  /// The keys of a batch when all of it is delivered; else nullopt. Forgets them.
  Result<std::optional<std::vector<std::string>>> finish_batch(const std::string& batch);
  /// Delivered files of a chain that no digest has; they are then in one.
  Result<std::vector<LogFile>> take_for_digest(int64_t trail, const std::string& account,
                                               const std::string& region, int64_t before_us);
  /// Rows that nothing needs any more, and deleted trails of which all is delivered.
  Status purge(int64_t now_us);

 private:
  store::StateDatabase& state_;
};

}  // namespace cairn::trails
