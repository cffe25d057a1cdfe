// What the footer says of a column chunk, beside its statistics.
#pragma once

#include "parquet/column_builder.h"

#include <cstdint>
#include <vector>

namespace cairn::parquet {

/// Numbers of parquet.thrift.
enum PhysicalType : int32_t {
  physical_boolean = 0,
  physical_int32 = 1,
  physical_int64 = 2,
  physical_bytes = 6
};

enum Encoding : int32_t {
  plain = 0,
  rle = 3,
  delta_binary_packed = 5,
  delta_length_byte_array = 6,
  rle_dictionary = 8
};

PhysicalType physical_type(Type type);

struct EncodedColumn::Meta {
  std::vector<Encoding> encodings;
  int64_t values = 0;  ///< with nulls
  int64_t uncompressed_bytes = 0;
  bool has_dictionary = false;
  int64_t data_page_at = 0;  ///< behind the dictionary's page
  bool min_is_exact = true;
  bool max_is_exact = true;
};

}  // namespace cairn::parquet
