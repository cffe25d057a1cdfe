// A CloudTrail record as slices of its own JSON text: nothing is copied or converted until a column
// asks, and the text itself gives the record back to the last digit.
#pragma once

#include "base/json_scan.h"
#include "model/fields.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::model {

/// Which top-level fields a query wants. A record keeps one slice for each.
class FieldPlan {
 public:
  FieldPlan() { slot_of_.fill(-1); }

  /// Asks for a field; gives its slot.
  int want(Field field);

  /// -1 when nobody asked for it.
  int slot(Field field) const { return slot_of_[static_cast<size_t>(field)]; }

  size_t slots() const { return slots_; }

 private:
  std::array<int8_t, kFieldCount> slot_of_{};
  size_t slots_ = 0;
};

/// What scanning one JSON object told about it.
struct ObjectScan {
  json::Scan scan;
  uint64_t seen = 0;  ///< bit per Field that is a member
  // Raw values, empty if absent.
  std::string_view event_time;
  std::string_view event_source;
  std::string_view recipient_account;
  std::string_view region;

  bool has(Field field) const { return (seen >> static_cast<unsigned>(field) & 1) != 0; }
};

static_assert(kFieldCount <= 64, "ObjectScan::seen has a bit for each");

/// Scans the object that begins at `p` (padded text, see base/json_scan.h), checks it whole, and
/// puts the raw values of the planned fields into `slots` (plan.slots() of them; cleared first). A
/// repeated member counts by its last value.
ObjectScan scan_object(const char* p, const char* end, const FieldPlan& plan,
                       std::string_view* slots);

/// One record of a batch.
struct RecordHead {
  std::string_view json;  ///< the whole record
  int64_t event_time_us = 0;
  uint64_t offset = 0;  ///< byte in the decompressed file
  uint32_t number = 0;  ///< place within the file, from 1
};

/// Some records and their slices. The texts are borrowed from the reader's buffer, but for those
/// that had to be made (unwrapped, repaired), which `made` owns.
struct RecordBatch {
  std::vector<RecordHead> heads;
  std::vector<std::string_view> slots;  ///< plan.slots() per record
  std::deque<std::string> made;

  void clear() {
    heads.clear();
    slots.clear();
    made.clear();
  }
};

/// The instant that a raw JSON value means: CloudTrail's own form, other ISO 8601 forms, and
/// numbers as seconds or milliseconds since 1970. nullopt for anything else.
std::optional<int64_t> event_time_of(std::string_view raw);

}  // namespace cairn::model
