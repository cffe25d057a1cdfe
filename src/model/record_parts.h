// A record taken apart into the columns of the lake, and put together again, JSON-equal.
//
// What the columns alone cannot say goes into a patch: a member of another type than its column, a
// number's spelling, null where a member is usually absent, empty objects, unknown members of known
// objects. It is a JSON object {"set":[[PATH,VALUE],…],"drop":[NAME,…]}; PATH is an array of names.
// docs/formats/lake.md has the rules; most records need no patch.
#pragma once

#include "model/columns.h"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::model {

/// A column's value in one record.
struct ColumnValue {
  enum class Kind : uint8_t { null, text, boolean, number };
  Kind kind = Kind::null;
  bool boolean = false;
  /// How many of the objects around the leaf the record has ("a.b.c": up to 2).
  int16_t parents = 0;
  int64_t number = 0;  ///< of timestamps: microseconds since 1970
  std::string_view text{};
};

/// Not thread-safe. What it gives borrows from the record and from itself, until the next split().
class RecordSplitter {
 public:
  RecordSplitter();
  ~RecordSplitter();
  RecordSplitter(const RecordSplitter&) = delete;
  RecordSplitter& operator=(const RecordSplitter&) = delete;

  /// `record` is a whole, valid object in a padded buffer; `event_time_us` what the reader made of
  /// its time.
  void split(std::string_view record, int64_t event_time_us);

  /// Per index of columns(). Columns that are no part of the record (sourceFile, recordNumber,
  /// eventJson, eventTimeText) are null.
  std::span<const ColumnValue> values() const { return values_; }

  /// "" when the columns say it all.
  std::string_view patch() const { return patch_; }

  /// `ARN` of each element of `resources`.
  std::span<const std::string_view> resource_arns() const { return resource_arns_; }

 private:
  struct Node;

  void put_node(const Node& node, std::string_view raw, int depth);
  void put_object(const Node& node, std::string_view raw, int depth);
  void put_leaf(size_t column, std::string_view raw);
  void patch_set(std::string_view raw);
  void read_resource_arns(std::string_view raw);
  std::string& scratch();

  std::vector<Node> roots_;
  std::vector<ColumnValue> values_;
  std::vector<std::string_view> resource_arns_;
  std::vector<std::string_view> path_;  ///< names on the way to the value in hand, as written
  std::string patch_;
  std::string other_;
  std::deque<std::string> scratch_;
  size_t scratch_used_ = 0;
};

/// Appends the record that split() took apart: members in CloudTrail's usual order.
void append_record(std::string& out, std::span<const ColumnValue> values, std::string_view patch);

}  // namespace cairn::model
