// What all users of SQLite share: connections, statements, and errors that say which file.
#pragma once

#include "base/result.h"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::store {

/// A prepared statement, finalized at the end of its life. False when its SQL is wrong.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  ~Statement() { sqlite3_finalize(statement_); }

  explicit operator bool() const { return statement_ != nullptr; }

  // To the next `?`.
  Statement& bind(std::string_view text);
  Statement& bind(int64_t number);
  Statement& bind_null();

  int step() { return sqlite3_step(statement_); }

  /// Ready to be bound and run again; lets go of what was bound.
  void reset();

  int columns() const { return sqlite3_column_count(statement_); }

  std::string text(int column) const;

  bool null(int column) const { return type(column) == SQLITE_NULL; }

  int type(int column) const { return sqlite3_column_type(statement_, column); }

  int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

/// An open database file. Calls of several threads are SQLite's to serialize; errors are those of
/// the last call, so callers that share one hold a lock of their own.
class SqliteFile {
 public:
  /// `what` it is ("catalog") goes into errors. `create` makes the file (mode 0600, in a folder
  /// that is there) and puts it in WAL mode. Commits are synced. Fails with `not_found`,
  /// `permission_denied`, `corrupt`, `exhausted`, `unavailable`.
  static Result<SqliteFile> open(const std::string& path, std::string_view what, bool create,
                                 int busy_ms);

  sqlite3* get() const { return database_.get(); }

  /// Statements without values and rows.
  Status run(const char* sql);

  /// Ends a transaction that failed, if SQLite did not.
  void roll_back();

  /// The Error of the last call.
  Error failure(std::string_view doing) const;

  /// The Error of a system call on the file, by its errno.
  Error file_error(std::string_view doing, int code) const;

 private:
  SqliteFile(std::string path, std::string_view what) : path_(std::move(path)), what_(what) {}

  std::string address() const;

  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  std::string path_;
  std::string what_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace cairn::store
