// Reads files in any container (plain, gzip, zstd, tar, zip) and any form, batch by batch. One per
// thread.
//
// A text up to `whole_bytes_max` is decoded whole before any record is given out, so a damaged file
// gives none. A larger one is read twice: once to see that it is sound, once for its records;
// memory stays bounded by the largest record.
#pragma once

#include "base/result.h"
#include "model/record.h"
#include "source/byte_stream.h"
#include "source/coverage.h"
#include "source/discover.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

namespace cairn::source {

struct ReaderOptions {
  size_t whole_bytes_max = 64'000'000;
  size_t record_bytes_max = 400'000'000;  ///< a larger single value is refused
  bool salvage = false;
  /// Opens a Parquet file as JSON lines; unset: such files are refused.
  std::function<Result<std::unique_ptr<ByteStream>>(const std::string& path)> open_parquet{};
};

class FileReader {
 public:
  /// `plan` must outlive the reader. `cancelled` is looked at between batches; may be null.
  FileReader(const model::FieldPlan& plan, const ReaderOptions& options,
             const std::atomic<bool>* cancelled);
  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;
  ~FileReader();

  /// Begins with `file`; what was left of the one before is dropped.
  void open(const SourceFile& file);

  /// The same for a file whose bytes the caller holds (until the next open()); its path is only a
  /// name.
  void open(const SourceFile& file, std::string_view bytes);

  /// The next records, or null when the file has no more. Valid until the next call.
  const model::RecordBatch* next();

  /// What became of the file; complete once next() gave null.
  const FileReport& report() const;
  const std::vector<Problem>& problems() const;
  uint64_t records_skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::source
