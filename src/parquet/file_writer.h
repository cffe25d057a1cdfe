// Puts encoded columns together to a Parquet file. Not thread-safe.
#pragma once

#include "base/result.h"
#include "parquet/column_builder.h"
#include "parquet/schema.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::parquet {

struct FileOptions {
  std::vector<std::pair<std::string, std::string>> metadata{};  ///< key-value pairs of the footer
  std::vector<int> sorted_by{};  ///< leaf indices that the rows are sorted by, ascending
};

struct FileStatistics {
  uint64_t bytes = 0;
  int64_t rows = 0;
  std::vector<int64_t> row_group_offsets{};  ///< Iceberg's split offsets
  std::vector<ColumnStatistics> columns{};   ///< per leaf, over all row groups
};

class FileWriter {
 public:
  /// Takes the file's bytes in order.
  using Sink = std::function<Status(std::string_view)>;

  FileWriter(std::vector<Field> fields, FileOptions options, Sink sink);
  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;
  ~FileWriter();

  /// One EncodedColumn per leaf, in order, all of `rows` rows.
  Status add_row_group(std::vector<EncodedColumn> columns, int64_t rows);

  /// Writes the footer. Nothing may follow.
  Result<FileStatistics> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::parquet
