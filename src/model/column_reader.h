// From a record's slices to the values of columns.
#pragma once

#include "model/columns.h"
#include "model/record.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::model {

/// Knows, for a choice of columns, which fields to slice and where within them the leaves are.
class ColumnReader {
 public:
  /// `column_indices` are places in columns().
  explicit ColumnReader(const std::vector<int>& column_indices);

  /// What the scanner must slice for these columns.
  const FieldPlan& plan() const { return plan_; }

  /// Puts the raw JSON text of each column into `raw` (one per chosen column, empty where the
  /// record has none). Columns that are no part of the record (sourceFile, recordNumber, eventJson,
  /// otherFields) stay empty.
  void read(const std::string_view* slots, std::vector<std::string_view>& raw) const;

 private:
  struct Node {
    std::string_view key;
    int column = -1;  ///< index in `raw` that wants this very value
    std::vector<Node> children;
  };

  struct Root {
    int slot = 0;
    Node node;
  };

  static void descend(const Node& node, std::string_view value, std::vector<std::string_view>& raw);
  void add(std::string_view path, int column);

  FieldPlan plan_;
  std::vector<Root> roots_;
};

/// Text of a varchar column from its raw JSON: a string's content, a number or boolean as it is
/// written; nullopt for null, absent, objects and arrays. May use `scratch`, and then points into
/// it.
std::optional<std::string_view> varchar_of(std::string_view raw, std::string& scratch);

/// true, false, and the strings "true" and "false" in any case.
std::optional<bool> boolean_of(std::string_view raw);

/// Members of a record (padded text) that no column stands for, as a JSON object; nullopt if there
/// are none.
std::optional<std::string> other_fields_of(std::string_view record);

}  // namespace cairn::model
