// DuckDB, embedded, through its C API; nothing outside engine/ knows it. One Database per session.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::engine {

struct DatabaseOptions {
  int threads = 0;  ///< 0: one per core
  /// Of DuckDB itself; it spills to `temp_folder` above. Twice as much made sorts of whole events
  /// and aggregates of millions of groups no faster, and the process twice as large.
  uint64_t memory_max_bytes = 320'000'000;
  std::string temp_folder;      ///< "": no spilling, such a query fails with `exhausted`
  uint64_t temp_max_bytes = 0;  ///< in `temp_folder`; 0: what the disk has
};

class Connection;

/// An in-memory database. Its time zone is UTC, whatever the machine's is.
class Database {
 public:
  static Result<Database> open(const DatabaseOptions& options);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  Result<Connection> connect();

  struct State;

 private:
  friend class Connection;
  explicit Database(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// Runs statements, one at a time. Not thread-safe but for interrupt() and progress_percent().
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Runs `sql` (one statement) and streams its rows.
  Result<ResultSet> query(std::string_view sql);

  /// The same, the rows gathered before it returns: for small answers, since the statement is
  /// planned once where query() plans twice what reads files.
  Result<ResultSet> query_whole(std::string_view sql);

  /// Runs statements whose rows do not matter (CREATE MACRO, SET …); several, separated by ';'.
  Status execute(std::string_view sql);

  /// From now on statements reach no file but those within `folders`, no network and no extension,
  /// and no setting of the database can be changed; there is no way back.
  Status lock(const std::vector<std::string>& folders);

  /// The first column of the first row as text: for json_serialize_sql() and constant expressions.
  Result<std::string> query_text(std::string_view sql);

  /// Safe from any thread and from a signal handler.
  void interrupt();

  struct State;

  State& state() { return *state_; }

 private:
  friend class Database;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cairn::engine
