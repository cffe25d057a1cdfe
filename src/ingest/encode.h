// The second half of an ingest: events, sorted, become a Parquet file of the lake. Pure but for
// memory; several may run at once.
#pragma once

#include "base/result.h"
#include "ingest/gather.h"
#include "parquet/file_writer.h"
#include "store/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ingest {

/// Makes the columns of row groups. Keeps its memory between them; one per thread.
class RowGroupEncoder {
 public:
  RowGroupEncoder();

  /// `names` gives the sourceFile of an event's object.
  Result<std::vector<parquet::EncodedColumn>> encode(std::span<const Event> events,
                                                     std::span<const std::string> names);

  /// The same for rows that are not raw records: fed one by one, as compaction does.
  void add(std::span<const model::ColumnValue> values, std::string_view patch,
           std::span<const std::string_view> resource_arns);
  Result<std::vector<parquet::EncodedColumn>> finish();

  size_t rows() const { return rows_; }

  size_t bytes() const;

 private:
  std::vector<parquet::ColumnBuilder> columns_;
  model::RecordSplitter splitter_;
  std::vector<model::ColumnValue> values_;
  size_t rows_ = 0;
};

struct RowGroup {
  std::vector<parquet::EncodedColumn> columns;
  int64_t rows = 0;
};

struct EncodedFile {
  std::string bytes;
  store::DataFile file;  ///< key and partition are the caller's to set
};

/// Puts row groups together to a file.
Result<EncodedFile> assemble(std::vector<RowGroup> groups);

}  // namespace cairn::ingest
