#include "base/text.h"
#include "store/internal/catalogs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace cairn::store {
namespace {

constexpr int kBusyMillis = 60'000;
constexpr auto kLockPause = std::chrono::milliseconds(20);

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key));
CREATE TABLE IF NOT EXISTS cairn_versions (
  component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cairn_objects (
  lake TEXT NOT NULL, source TEXT NOT NULL, object_key TEXT NOT NULL,
  size_bytes INTEGER NOT NULL, etag TEXT NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL,
  events INTEGER NOT NULL, duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL,
  taken_us INTEGER NOT NULL,
  PRIMARY KEY (lake, source, object_key)) WITHOUT ROWID;
INSERT INTO cairn_versions VALUES ('catalog', 1) ON CONFLICT DO NOTHING;
)";

class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
  }

  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  ~Statement() { sqlite3_finalize(statement_); }

  explicit operator bool() const { return statement_ != nullptr; }

  Statement& bind(std::string_view text) {
    sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
    return *this;
  }

  Statement& bind(int64_t number) {
    sqlite3_bind_int64(statement_, ++bound_, number);
    return *this;
  }

  int step() { return sqlite3_step(statement_); }

  void reset() {
    sqlite3_reset(statement_);
    bound_ = 0;
  }

  std::string text(int column) const {
    const auto* const bytes = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
    return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
  }

  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

  int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

class FileLock final : public Catalog::WriterLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  ~FileLock() override { close(descriptor_); }

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(std::string path, CatalogOptions options)
      : path_(std::move(path)),
        options_(std::move(options)),
        lake_(options_.table_namespace + '.' + options_.table_name) {}

  Status open() {
    if (options_.create) {  // SQLite gives its helper files the mode of the database
      const int made = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (made < 0) return file_error("cannot open catalog", errno);
      close(made);
    } else if (access(path_.c_str(), F_OK) != 0) {
      return Error{ErrorKind::not_found, fmt::format("there is no catalog '{}'", path_)};
    }
    sqlite3* raw = nullptr;
    const bool may_write = access(path_.c_str(), W_OK) == 0;
    const int flags = SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_URI |
                      (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    const int opened = sqlite3_open_v2(address().c_str(), &raw, flags, nullptr);
    database_.reset(raw);
    if (opened != SQLITE_OK) return failure("cannot open catalog");
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, kBusyMillis);
    CAIRN_TRY(run("PRAGMA synchronous=FULL"));
    if (options_.create) {
      CAIRN_TRY(run("PRAGMA journal_mode=WAL"));
      CAIRN_TRY(make_tables());
    }
    return check_version();
  }

  std::string table_path() const override {
    return options_.table_namespace + '/' + options_.table_name;
  }

  Result<std::optional<std::string>> metadata_location() override {
    const std::lock_guard lock(mutex_);
    Statement ask(database_.get(),
                  "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND "
                  "table_namespace = ? AND table_name = ?");
    if (!ask) return failure("cannot read catalog");
    ask.bind(kCatalogName).bind(options_.table_namespace).bind(options_.table_name);
    const int got = ask.step();
    if (got == SQLITE_ROW) {
      if (ask.null(0)) return std::optional<std::string>();
      return std::optional<std::string>(ask.text(0));
    }
    if (got != SQLITE_DONE) return failure("cannot read catalog");
    return std::optional<std::string>();
  }

  Result<bool> commit(const std::optional<std::string>& expected, const std::string& next,
                      const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(run("BEGIN IMMEDIATE"));
    auto moved = move_pointer(expected, next);
    if (moved.ok() && moved.value()) {
      if (auto status = write(entries); !status.ok()) moved = std::move(status).error();
    }
    if (moved.ok() && moved.value()) {
      auto status = run("COMMIT");
      if (status.ok()) return true;
      moved = std::move(status).error();
    }
    if (sqlite3_get_autocommit(database_.get()) == 0)
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return moved;
  }

  Status record(const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(run("BEGIN IMMEDIATE"));
    auto status = write(entries);
    if (status.ok()) status = run("COMMIT");
    if (!status.ok() && sqlite3_get_autocommit(database_.get()) == 0)
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return status;
  }

  Status visit_ledger(const std::string& source, const std::string& key_prefix,
                      const std::function<void(const LedgerEntry&)>& visit) override {
    const std::lock_guard lock(mutex_);
    const auto after = after_prefix(key_prefix);
    const auto sql = fmt::format(
        "SELECT object_key, size_bytes, etag, state, reason, events, duplicates, rejected, "
        "taken_us, source FROM cairn_objects WHERE lake = ? {} AND object_key >= ? {} "
        "ORDER BY source, object_key",
        source.empty() ? "" : "AND source = ?", after.empty() ? "" : "AND object_key < ?");
    Statement ask(database_.get(), sql.c_str());
    if (!ask) return failure("cannot read the ledger");
    ask.bind(lake_);
    if (!source.empty()) ask.bind(source);
    ask.bind(key_prefix);
    if (!after.empty()) ask.bind(after);
    LedgerEntry entry;
    int got = ask.step();
    for (; got == SQLITE_ROW; got = ask.step()) {
      entry.key = ask.text(0);
      entry.size_bytes = static_cast<uint64_t>(ask.number(1));
      entry.etag = ask.text(2);
      entry.state = CAIRN_TRY(state_of(ask.number(3)));
      entry.reason = ask.text(4);
      entry.events = static_cast<uint64_t>(ask.number(5));
      entry.duplicates = static_cast<uint64_t>(ask.number(6));
      entry.rejected = static_cast<uint64_t>(ask.number(7));
      entry.taken_us = ask.number(8);
      entry.source = ask.text(9);
      visit(entry);
    }
    if (got != SQLITE_DONE) return failure("cannot read the ledger");
    return {};
  }

  Result<std::unique_ptr<WriterLock>> lock_for_writing(int seconds_max) override {
    const auto path = (std::filesystem::path(path_).parent_path() / "writer.lock").string();
    auto file =
        std::make_unique<FileLock>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (file->get() < 0) return file_error(fmt::format("cannot lock '{}' for", path), errno);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_max);
    while (flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return file_error(fmt::format("cannot lock '{}' for", path), errno);
      if (std::chrono::steady_clock::now() >= deadline) return lock_timeout(seconds_max);
      std::this_thread::sleep_for(kLockPause);
    }
    return std::unique_ptr<WriterLock>(std::move(file));
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  Error file_error(std::string_view doing, int code) const {
    return Error{code == EACCES || code == EROFS ? ErrorKind::permission_denied
                 : code == ENOENT                ? ErrorKind::not_found
                 : code == ENOSPC                ? ErrorKind::exhausted
                                                 : ErrorKind::unavailable,
                 fmt::format("{} '{}': {}", doing, path_,
                             std::error_code(code, std::generic_category()).message())};
  }

  Error failure(std::string_view doing) const {
    ErrorKind kind = ErrorKind::unavailable;
    std::string_view hint;
    switch (sqlite3_errcode(database_.get()) & 0xFF) {
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
        break;
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        hint = "\nhint: another program holds the catalog; wait for it to end";
        break;
      case SQLITE_ERROR:
        kind = ErrorKind::corrupt;  // our SQL does not fit the tables that are there
        break;
      default:
        break;
    }
    return Error{kind,
                 fmt::format("{} '{}': {}{}", doing, path_, sqlite3_errmsg(database_.get()), hint)};
  }

  /// SQLite's URI of the file. In a folder that nobody here may write to, SQLite cannot keep its
  /// helper files, and needs to be told that there is nothing in them.
  std::string address() const {
    std::string out = "file:";
    for (const char c : path_)
      out += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02X}", static_cast<unsigned>(c))
                                              : std::string(1, c);
    const auto folder = std::filesystem::path(path_).parent_path();
    std::error_code none;
    const auto waiting = std::filesystem::file_size(path_ + "-wal", none);
    const bool settled = none || waiting == 0;
    return access(folder.c_str(), W_OK) != 0 && settled ? out + "?immutable=1" : out;
  }

  Status run(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return failure("cannot write catalog");
    return {};
  }

  Status make_tables() {
    CAIRN_TRY(run("BEGIN IMMEDIATE"));
    auto status = run(kTables);
    if (status.ok()) status = add_type_column();
    if (status.ok()) status = run("COMMIT");
    if (!status.ok()) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return status;
  }

  /// Catalogs made by older programs lack it.
  Status add_type_column() {
    const Statement has(database_.get(), "SELECT iceberg_type FROM iceberg_tables LIMIT 0");
    if (has) return {};
    return run("ALTER TABLE iceberg_tables ADD COLUMN iceberg_type VARCHAR(5)");
  }

  Status check_version() {
    Statement ask(database_.get(),
                  "SELECT version FROM cairn_versions WHERE component = 'catalog'");
    if (!ask) {
      if ((sqlite3_errcode(database_.get()) & 0xFF) == SQLITE_ERROR)
        return Error{ErrorKind::not_found, fmt::format("'{}' is no catalog of a lake", path_)};
      return failure("cannot read catalog");
    }
    if (ask.step() != SQLITE_ROW) return failure("cannot read the version of catalog");
    return check_catalog_version(ask.number(0), path_);
  }

  Result<bool> move_pointer(const std::optional<std::string>& expected, const std::string& next) {
    const char* const sql =
        expected ? "UPDATE iceberg_tables SET previous_metadata_location = metadata_location, "
                   "metadata_location = ?4 WHERE catalog_name = ?1 AND table_namespace = ?2 AND "
                   "table_name = ?3 AND metadata_location = ?5"
                 : "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
                   "metadata_location, iceberg_type) VALUES (?1, ?2, ?3, ?4, 'TABLE') "
                   "ON CONFLICT DO UPDATE SET metadata_location = ?4 "
                   "WHERE metadata_location IS NULL";
    Statement move(database_.get(), sql);
    if (!move) return failure("cannot write catalog");
    move.bind(kCatalogName).bind(options_.table_namespace).bind(options_.table_name).bind(next);
    if (expected) move.bind(*expected);
    if (move.step() != SQLITE_DONE) return failure("cannot write catalog");
    if (sqlite3_changes(database_.get()) != 1) return false;
    if (expected) return true;
    Statement space(database_.get(),
                    "INSERT INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true') "
                    "ON CONFLICT DO NOTHING");
    if (!space) return failure("cannot write catalog");
    space.bind(kCatalogName).bind(options_.table_namespace);
    if (space.step() != SQLITE_DONE) return failure("cannot write catalog");
    return true;
  }

  Status write(const std::vector<LedgerEntry>& entries) {
    if (entries.empty()) return {};
    Statement put(database_.get(),
                  "INSERT OR REPLACE INTO cairn_objects VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    if (!put) return failure("cannot write the ledger");
    for (const auto& entry : entries) {
      put.bind(lake_).bind(entry.source).bind(entry.key);
      put.bind(static_cast<int64_t>(entry.size_bytes)).bind(entry.etag);
      put.bind(static_cast<int64_t>(entry.state)).bind(entry.reason);
      put.bind(static_cast<int64_t>(entry.events)).bind(static_cast<int64_t>(entry.duplicates));
      put.bind(static_cast<int64_t>(entry.rejected)).bind(entry.taken_us);
      if (put.step() != SQLITE_DONE) return failure("cannot write the ledger");
      put.reset();
    }
    return {};
  }

  std::string path_;
  CatalogOptions options_;
  std::string lake_;
  std::unique_ptr<sqlite3, Close> database_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<Catalog>> open_sqlite_catalog(std::string path,
                                                     const CatalogOptions& options) {
  auto catalog = std::make_unique<SqliteCatalog>(std::move(path), options);
  CAIRN_TRY(catalog->open());
  return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace cairn::store
