// Asks the bloom filters of a Parquet file whether a value can be in it, reading its footer and 32
// bytes a row group.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::parquet {

/// Bytes [offset, offset + length) of the file.
using ReadRange = std::function<Result<std::string>(uint64_t offset, uint64_t length)>;

/// Where a column's filter is in each row group.
struct BloomLocation {
  uint64_t offset = 0;
  uint64_t length = 0;  ///< 0: there is none
};

class BloomProbe {
 public:
  /// Reads the footer of a file of `size` bytes. Fails with `corrupt` when it is none.
  static Result<BloomProbe> open(ReadRange read, uint64_t size);

  /// Whether one of `values` (strings) may be in the column of that path in some row group. True
  /// when the file does not say.
  Result<bool> may_hold(std::string_view path, std::span<const std::string> values) const;

 private:
  explicit BloomProbe(ReadRange read) : read_(std::move(read)) {}

  Result<bool> block_holds(const BloomLocation& filter, uint64_t hash) const;

  struct Column {
    std::string path;  ///< joined by dots
    BloomLocation filter;
  };

  ReadRange read_;
  std::vector<std::vector<Column>> row_groups_;  ///< columns that have filters
};

}  // namespace cairn::parquet
