// Schemas of Parquet files: a tree of optional fields, structs within structs, and lists of
// scalars. Source: Apache Parquet format specification 2.10 (parquet.thrift, LogicalTypes.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::parquet {

enum class Type : uint8_t {
  boolean,
  int32,
  int64,
  timestamp_us,  ///< INT64, TIMESTAMP(MICROS, not adjusted): UTC by our convention
  string,        ///< BYTE_ARRAY, STRING: UTF-8
};

/// One field. All are optional (may be null).
struct Field {
  std::string name;
  int32_t id = 0;  ///< Iceberg's field id
  Type type = Type::string;
  std::vector<Field> children{};  ///< not empty: a struct, whose `type` means nothing
  bool list = false;              ///< a list of `type`: three-level form, `name.list.element`
  int32_t element_id = 0;         ///< field id of a list's element
  bool bloom = false;             ///< of strings: write a split-block bloom filter per row group
};

/// A leaf of the tree, that is one physical column.
struct Leaf {
  std::vector<std::string> path;  ///< as Parquet spells it, with `list`, `element` of lists
  Field field;                    ///< without children
  int16_t definition_max = 1;     ///< definition level of a value
  int16_t repetition_max = 0;     ///< 1 for lists
};

/// Depth first, in the order of the fields; that is the order of columns in the file.
std::vector<Leaf> leaves_of(const std::vector<Field>& fields);

}  // namespace cairn::parquet
