#include "store/internal/sqlite.h"

#include "io/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace cairn::store {
namespace {

/// With the rights that this process works with, which access(2) does not ask for.
bool may_write(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
}

Statement& Statement::bind(std::string_view text) {
  const char* const bytes = text.empty() ? "" : text.data();  // a null pointer would mean NULL
  sqlite3_bind_text64(statement_, ++bound_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(int64_t number) {
  sqlite3_bind_int64(statement_, ++bound_, number);
  return *this;
}

Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

std::string Statement::text(int column) const {
  const auto* const bytes = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

Result<SqliteFile> SqliteFile::open(const std::string& path, std::string_view what, bool create,
                                    int busy_ms) {
  SqliteFile file(path, what);
  if (access(path.c_str(), F_OK) != 0) {
    if (!create) return Error{ErrorKind::not_found, fmt::format("there is no {} '{}'", what, path)};
    // SQLite gives its helper files the mode of the database. The file is closed before it has its
    // name, and one that is there is not opened: closing it would take away the locks of this
    // process's other connections.
    auto made = io::make_private_file(path, "");
    if (!made.ok() && made.error().kind() != ErrorKind::already_exists)
      return std::move(made).error();
  }
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_URI |
                    (may_write(path) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  const int opened = sqlite3_open_v2(file.address().c_str(), &raw, flags, nullptr);
  file.database_.reset(raw);
  if (opened != SQLITE_OK) return file.failure("cannot open");
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, busy_ms);
  CAIRN_TRY(file.run("PRAGMA synchronous=FULL"));
  if (create) CAIRN_TRY(file.run("PRAGMA journal_mode=WAL"));
  return file;
}

// What changes the file is not const. NOLINTNEXTLINE(readability-make-member-function-const)
Status SqliteFile::run(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure("cannot write");
  return {};
}

// NOLINTNEXTLINE(readability-make-member-function-const): as run()
void SqliteFile::roll_back() {
  if (sqlite3_get_autocommit(get()) == 0)
    sqlite3_exec(get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Error SqliteFile::failure(std::string_view doing) const {
  ErrorKind kind = ErrorKind::unavailable;
  std::string hint;
  int code = sqlite3_errcode(get()) & 0xFF;
  // The file beside it that processes share cannot grow.
  if (code == SQLITE_IOERR && sqlite3_system_errno(get()) == ENOSPC) code = SQLITE_FULL;
  switch (code) {
    case SQLITE_FULL:
      kind = ErrorKind::exhausted;
      hint = "\nhint: make room on the disk, then run the command again";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      kind = ErrorKind::permission_denied;
      hint = "\nhint: check who may write to the file and its folder";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      kind = ErrorKind::corrupt;
      hint = "\nhint: bring back a copy of the file";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      hint = fmt::format("\nhint: another program holds the {}; wait for it to end", what_);
      break;
    case SQLITE_CONSTRAINT:
      kind = ErrorKind::invalid_argument;
      break;
    case SQLITE_ERROR:
      kind = ErrorKind::corrupt;  // our SQL does not fit the tables that are there
      break;
    default:
      break;
  }
  switch (sqlite3_extended_errcode(get())) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      kind = ErrorKind::already_exists;
      break;
    default:
      break;
  }
  return Error{kind,
               fmt::format("{} {} '{}': {}{}", doing, what_, path_, sqlite3_errmsg(get()), hint)};
}

Error SqliteFile::file_error(std::string_view doing, int code) const {
  return Error{code == EACCES || code == EROFS ? ErrorKind::permission_denied
               : code == ENOENT                ? ErrorKind::not_found
               : code == ENOSPC                ? ErrorKind::exhausted
                                               : ErrorKind::unavailable,
               fmt::format("{} {} '{}': {}", doing, what_, path_,
                           std::error_code(code, std::generic_category()).message())};
}

/// SQLite's URI of the file. In a folder that nobody here may write to, SQLite cannot keep its
/// helper files, and needs to be told that there is nothing in them.
std::string SqliteFile::address() const {
  std::string out = "file:";
  for (const char c : path_)
    out += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02X}", static_cast<unsigned>(c))
                                            : std::string(1, c);
  const auto folder = std::filesystem::path(path_).parent_path();
  std::error_code none;
  const auto waiting = std::filesystem::file_size(path_ + "-wal", none);
  const bool settled = none || waiting == 0;
  return settled && !may_write(folder.empty() ? "." : folder.string()) ? out + "?immutable=1" : out;
}

}  // namespace cairn::store
