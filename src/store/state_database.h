// The service's own state (keys, trails, event data stores …): one SQLite file in WAL mode, synced
// at each commit. Features keep their tables in it and see only this header.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::store {

/// A value given to, or read from, a statement. Blobs and texts are both strings.
using StateValue = std::variant<std::monostate, int64_t, std::string>;

class StateRow {
 public:
  explicit StateRow(std::vector<StateValue> values) : values_(std::move(values)) {}

  /// 0 and "" where the value is NULL or of the other type.
  int64_t number(size_t column) const;
  const std::string& text(size_t column) const;
  bool null(size_t column) const;

 private:
  std::vector<StateValue> values_;
};

/// Thread-safe: calls of several threads wait for each other; transactions do not interleave.
class StateDatabase {
 public:
  /// `path` is made (mode 0600) when `create` says so. Fails with `not_found`, `corrupt`,
  /// `permission_denied`, `unavailable`.
  static Result<std::unique_ptr<StateDatabase>> open(const std::string& path, bool create);
  virtual ~StateDatabase() = default;

  /// Brings the tables of `component` to the last of `versions`: each is a script that takes them
  /// from the version before. A database whose version is newer is refused.
  virtual Status migrate(std::string_view component,
                         const std::vector<std::string_view>& versions) = 0;

  /// One statement with `?` for each value. Rows come whole: for small tables.
  virtual Result<std::vector<StateRow>> query(std::string_view sql,
                                              const std::vector<StateValue>& values) = 0;

  /// A statement without rows; the number of rows that it changed. `already_exists` when a key
  /// would be there twice.
  virtual Result<int64_t> execute(std::string_view sql, const std::vector<StateValue>& values) = 0;

  /// All of `work` in one transaction, durable when this returns; nothing of it when it fails.
  /// `work` uses this same object, and may not nest transactions.
  virtual Status transaction(const std::function<Status()>& work) = 0;
};

}  // namespace cairn::store
