// The rows that a query gave, as DuckDB's chunks of columns, without DuckDB's types.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::engine {

enum class TypeKind : uint8_t {
  boolean,
  integer,  ///< any integer that fits int64_t
  real,     ///< float and double
  number,   ///< decimal and wider integers: exact digits, see Cell::to_text()
  varchar,
  json,  ///< JSON text
  blob,
  timestamp,     ///< of any precision; Cell::timestamp_us() is microseconds since 1970, UTC
  timestamp_tz,  ///< the same instant, but SQL knows that it is one
  date,          ///< Cell::integer() is days since 1970
  time,          ///< Cell::integer() is microseconds since midnight
  list,
  structure,
  map,
  other,  ///< interval, uuid, enum, …: Cell::to_text() is all there is
};

struct Type {
  TypeKind kind = TypeKind::other;
  std::string sql;                       ///< as SQL writes it: "STRUCT(arn VARCHAR)[]"
  std::vector<std::string> field_names;  ///< of a structure
  std::vector<Type> children;            ///< structure: per field; list: one; map: key and value
};

struct ResultColumn {
  std::string name;
  Type type;
};

/// One value of the current chunk. Cheap to copy; valid until the next ResultSet::next().
class Cell {
 public:
  bool is_null() const;

  TypeKind kind() const { return type_->kind; }

  const Type& type() const { return *type_; }

  bool boolean() const;
  int64_t integer() const;
  double real() const;

  /// Of varchar, json and blob: the bytes themselves.
  std::string_view text() const;

  int64_t timestamp_us() const;

  /// Elements of a list, fields of a structure, or entries of a map.
  size_t size() const;
  /// Element of a list, or field of a structure.
  Cell at(size_t index) const;
  Cell map_key(size_t index) const;
  Cell map_value(size_t index) const;

  /// A scalar (not list, structure or map) as plain text: digits, `true`, `2024-01-02 03:04:05.678`
  /// (timestamps with as many fraction digits as they need, none if zero). NULL gives "".
  std::string to_text() const;

 private:
  friend class ResultSet;

  Cell(const Type* type, void* vector, uint64_t row) : type_(type), vector_(vector), row_(row) {}

  const Type* type_;
  void* vector_;  ///< duckdb_vector; kept out of this header
  uint64_t row_;
};

/// A streamed result: one chunk of rows in memory at a time. Not thread-safe.
class ResultSet {
 public:
  ResultSet(ResultSet&&) noexcept;
  ResultSet& operator=(ResultSet&&) noexcept;
  ~ResultSet();

  const std::vector<ResultColumn>& columns() const;

  /// Steps to the next chunk; false after the last one. Fails with what stopped the query:
  /// `invalid_argument` for a fault that the query's text caused (a bad cast), `corrupt` for input
  /// that strict reading refuses, `exhausted` for a limit, `unavailable` when it was interrupted.
  Result<bool> next();

  /// From now on next() fails with `exhausted` at more rows, or more bytes in their cells, than
  /// these; 0: no limit. The rows until then were given.
  void limit(uint64_t rows_max, uint64_t bytes_max);

  /// From now on next() gives its errors as `retell` tells them.
  void retell_errors(std::function<Error(Error)> retell);

  /// Rows in the current chunk.
  size_t rows() const;

  Cell cell(size_t column, size_t row) const;

 private:
  friend class Connection;
  struct State;
  explicit ResultSet(std::unique_ptr<State> state);
  Status count_rows();
  std::unique_ptr<State> state_;
};

}  // namespace cairn::engine
