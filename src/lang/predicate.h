// Predicate: a condition on one record, the common form of the pattern languages (event selectors
// now; event patterns, metric filters and Sigma rules are further front ends). It has two back
// ends that mean the same: PredicateMatcher for a record at hand, to_sql() for the table
// `cairn::model::columns()` describes.
//
// A leaf looks at the texts that a path leads to: the content of a string, a number or boolean as
// it is written (SQL may write numbers otherwise: 1.50 as 1.5). Null, objects and lists are no
// texts. A leaf holds when one of the texts fits one of its values; where there is no text it does
// not hold, and its negation does.
#pragma once

#include "model/record.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang {

/// A member's name. `each`: a list stands there, and each of its elements is meant; without it a
/// list leads nowhere.
struct FieldStep {
  std::string name{};
  bool each = false;

  bool operator==(const FieldStep&) const = default;
};

using FieldPath = std::vector<FieldStep>;

/// From `userIdentity.arn` or `resources[].ARN`. Names that hold dots are put into steps by hand.
FieldPath field_path(std::string_view text);

struct Predicate {
  enum class Kind : uint8_t {
    all,       ///< of `parts`; true when there are none
    any,       ///< of `parts`; false when there are none
    negation,  ///< of the one part
    equals,    ///< bytes are compared: case matters
    starts_with,
    ends_with,
  };
  Kind kind = Kind::all;
  std::vector<Predicate> parts{};
  FieldPath path{};                   ///< of a leaf; not empty
  std::vector<std::string> values{};  ///< of a leaf: one of them fits

  bool operator==(const Predicate&) const = default;
};

Predicate all_of(std::vector<Predicate> parts);
Predicate any_of(std::vector<Predicate> parts);
Predicate negation_of(Predicate part);
Predicate equals(std::string_view path, std::vector<std::string> values);
Predicate starts_with(std::string_view path, std::vector<std::string> values);
Predicate ends_with(std::string_view path, std::vector<std::string> values);

/// There is a text, be it empty.
Predicate exists(std::string_view path);

/// As a condition in DuckDB's SQL over the table `cloudtrail`; never NULL.
std::string to_sql(const Predicate& predicate);

/// A record as model::scan_object() leaves it. Padded text (base/json_scan.h).
struct RecordView {
  std::string_view json{};
  const std::string_view* slots = nullptr;
};

/// A predicate made ready for many records. Immutable, so threads may share it.
class PredicateMatcher {
 public:
  /// Asks `plan` for the fields that it looks at: records are scanned with that plan (or one that
  /// was added to later). Several matchers may share a plan, and so a scan.
  PredicateMatcher(const Predicate& predicate, model::FieldPlan& plan);

  bool matches(const RecordView& record) const;

 private:
  /// The tree in prefix order: a node's parts follow it.
  struct Node {
    Predicate::Kind kind = Predicate::Kind::all;
    size_t end = 0;  ///< the node behind this one and all its parts
    int slot = -1;   ///< of the path's first step; -1: a member that has none
    FieldPath path{};
    std::vector<std::string> values{};  ///< sorted
  };

  void add(const Predicate& predicate, model::FieldPlan& plan);
  bool holds(size_t at, const RecordView& record) const;
  static bool leaf_holds(const Node& node, const RecordView& record);
  static bool value_fits(const Node& node, std::string_view raw, size_t step);

  std::vector<Node> nodes_;
};

}  // namespace cairn::lang
