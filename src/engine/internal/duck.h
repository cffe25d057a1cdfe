// DuckDB's C handles with owners, and its errors as ours. The only header that includes duckdb.h.
#pragma once

#include "base/result.h"
#include "engine/database.h"

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace cairn::engine::duck {

/// Destroys a C handle by the function of the C API that does it.
template <auto Destroy>
struct Destroyer {
  template <class Handle>
  void operator()(Handle handle) const {
    Destroy(&handle);
  }
};

template <class Handle, auto Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroyer<Destroy>>;

using LogicalType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using DataChunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using Config = Owned<duckdb_config, duckdb_destroy_config>;
using Prepared = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using TableFunction = Owned<duckdb_table_function, duckdb_destroy_table_function>;
using DatabaseHandle = Owned<duckdb_database, duckdb_close>;
using ConnectionHandle = Owned<duckdb_connection, duckdb_disconnect>;

/// A string that DuckDB allocated.
struct FreeText {
  void operator()(char* text) const { duckdb_free(text); }
};

using Text = std::unique_ptr<char, FreeText>;

/// The result struct is a value in C; this one destroys it.
struct Result {
  duckdb_result value{};

  Result() = default;
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  ~Result() { duckdb_destroy_result(&value); }
};

/// Begins the text of a fault that stored bytes caused, since DuckDB keeps no kind but the text.
/// Only our own table function writes it; error_of() looks for it where such texts begin.
constexpr std::string_view kCorruptMark =
    "\x01"
    "corrupt:";

Error error_of(duckdb_result& result);
Error error_of(duckdb_error_type type, const char* message);

/// The Type that a logical type is; `sql` as SQL writes it.
Type type_of(duckdb_logical_type type);

}  // namespace cairn::engine::duck

namespace cairn::engine {

struct Database::State {
  duck::DatabaseHandle handle;
};

struct Connection::State {
  std::shared_ptr<Database::State> database;  ///< outlives the connection
  duck::ConnectionHandle handle;
};

}  // namespace cairn::engine
