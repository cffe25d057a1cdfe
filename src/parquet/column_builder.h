// Values of one column of one row group, gathered row by row and then encoded to pages: dictionary
// while it pays, else plain; zstd. Not thread-safe; several columns may be built on several
// threads.
#pragma once

#include "base/result.h"
#include "parquet/schema.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::parquet {

struct EncodingOptions {
  /// On these columns level 1 packs as well as level 3, in two thirds of the time.
  int zstd_level = 1;
  size_t page_bytes = 1'000'000;            ///< of data pages, before compression; about
  size_t dictionary_bytes_max = 4'000'000;  ///< a larger dictionary is given up for plain pages
  double bloom_false_positives = 0.01;      ///< about 10 to 20 bits for each distinct value
};

/// What Iceberg's manifests want to know of a column.
struct ColumnStatistics {
  int64_t values = 0;  ///< with nulls
  int64_t nulls = 0;
  int64_t bytes = 0;  ///< compressed, with page headers
  /// Plain-encoded bounds (Iceberg's single-value form is the same): strings cut to 64 bytes, the
  /// upper one rounded up; absent when all are null, or no cut upper bound exists.
  std::optional<std::string> min{};
  std::optional<std::string> max{};
};

/// The pages of one column of one row group, ready to be written.
struct EncodedColumn {
  struct Meta;  ///< what the file's footer says of it
  std::string pages;
  std::string bloom_filter;  ///< with its header; empty if there is none
  ColumnStatistics statistics;
  std::shared_ptr<const Meta> meta;
};

class ColumnBuilder {
 public:
  ColumnBuilder(Leaf leaf, EncodingOptions options);
  ColumnBuilder(ColumnBuilder&&) noexcept;
  ColumnBuilder& operator=(ColumnBuilder&&) noexcept;
  ~ColumnBuilder();

  /// The value is copied. The type must be the leaf's.
  void append(std::string_view value);
  void append_int(int64_t value);  ///< int32, int64, timestamp_us
  void append_bool(bool value);
  /// A row of a list column; may be empty.
  void append_list(std::span<const std::string_view> elements);
  /// `definition_level`: how many of the leaf's ancestors (and itself) are there, below
  /// definition_max.
  void append_null(int16_t definition_level);

  size_t rows() const;
  /// Memory held, about.
  size_t bytes() const;

  /// Encodes what was gathered and begins anew. Fails with `exhausted` when memory is short.
  Result<EncodedColumn> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::parquet
