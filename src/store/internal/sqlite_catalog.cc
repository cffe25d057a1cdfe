#include "base/time.h"
#include "store/internal/catalogs.h"
#include "store/internal/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <utility>

namespace cairn::store {
namespace {

constexpr int kBusyMillis = 60'000;
constexpr int64_t kSqliteLockPauseUs = 20'000;

constexpr const char* kSqliteTables = R"(
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
  SqliteCatalog(SqliteFile file, std::string path, CatalogOptions options)
      : file_(std::move(file)),
        path_(std::move(path)),
        options_(std::move(options)),
        waiter_(options_.waiter == nullptr ? system_waiter_ : *options_.waiter),
        lake_(options_.table_namespace + '.' + options_.table_name) {}

  Status open() {
    if (options_.create) CAIRN_TRY(make_tables());
    return check_version();
  }

  std::string table_path() const override {
    return options_.table_namespace + '/' + options_.table_name;
  }

  Result<std::optional<std::string>> metadata_location() override {
    const std::lock_guard lock(mutex_);
    Statement ask(file_.get(),
                  "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND "
                  "table_namespace = ? AND table_name = ?");
    if (!ask) return file_.failure("cannot read");
    ask.bind(kCatalogName).bind(options_.table_namespace).bind(options_.table_name);
    const int got = ask.step();
    if (got == SQLITE_ROW) {
      if (ask.null(0)) return std::optional<std::string>();
      return std::optional<std::string>(ask.text(0));
    }
    if (got != SQLITE_DONE) return file_.failure("cannot read");
    return std::optional<std::string>();
  }

  Result<bool> commit(const std::optional<std::string>& expected, const std::string& next,
                      const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(file_.run("BEGIN IMMEDIATE"));
    auto moved = move_pointer(expected, next);
    if (moved.ok() && moved.value()) {
      if (auto status = write(entries); !status.ok()) moved = std::move(status).error();
    }
    if (moved.ok() && moved.value()) {
      auto status = file_.run("COMMIT");
      if (status.ok()) return true;
      moved = std::move(status).error();
    }
    file_.roll_back();
    return moved;
  }

  Status record(const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(file_.run("BEGIN IMMEDIATE"));
    auto status = write(entries);
    if (status.ok()) status = file_.run("COMMIT");
    if (!status.ok()) file_.roll_back();
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
    Statement ask(file_.get(), sql.c_str());
    if (!ask) return file_.failure("cannot read the ledger of");
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
    if (got != SQLITE_DONE) return file_.failure("cannot read the ledger of");
    return {};
  }

  Result<std::unique_ptr<WriterLock>> lock_for_writing(int seconds_max) override {
    const auto path = (std::filesystem::path(path_).parent_path() / "writer.lock").string();
    auto file =
        std::make_unique<FileLock>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (file->get() < 0) return file_.file_error(fmt::format("cannot lock '{}' for", path), errno);
    const auto deadline_us = waiter_.steady_us() + seconds_max * kMicrosPerSecond;
    while (flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return file_.file_error(fmt::format("cannot lock '{}' for", path), errno);
      if (waiter_.steady_us() >= deadline_us) return lock_timeout(seconds_max);
      waiter_.wait_us(kSqliteLockPauseUs);
    }
    return std::unique_ptr<WriterLock>(std::move(file));
  }

 private:
  Status make_tables() {
    CAIRN_TRY(file_.run("BEGIN IMMEDIATE"));
    auto status = file_.run(kSqliteTables);
    if (status.ok()) status = add_type_column();
    if (status.ok()) status = file_.run("COMMIT");
    if (!status.ok()) file_.roll_back();
    return status;
  }

  /// Catalogs made by older programs lack it.
  Status add_type_column() {
    const Statement has(file_.get(), "SELECT iceberg_type FROM iceberg_tables LIMIT 0");
    if (has) return {};
    return file_.run("ALTER TABLE iceberg_tables ADD COLUMN iceberg_type VARCHAR(5)");
  }

  Status check_version() {
    Statement ask(file_.get(), "SELECT version FROM cairn_versions WHERE component = 'catalog'");
    if (!ask) {
      if ((sqlite3_errcode(file_.get()) & 0xFF) == SQLITE_ERROR)
        return Error{ErrorKind::not_found,
                     fmt::format("'{}' is no catalog of a lake\nhint: `cairn ingest` completes one "
                                 "that another program made",
                                 path_)};
      return file_.failure("cannot read");
    }
    if (ask.step() != SQLITE_ROW) return file_.failure("cannot read the version of");
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
    Statement move(file_.get(), sql);
    if (!move) return file_.failure("cannot write");
    move.bind(kCatalogName).bind(options_.table_namespace).bind(options_.table_name).bind(next);
    if (expected) move.bind(*expected);
    if (move.step() != SQLITE_DONE) return file_.failure("cannot write");
    if (sqlite3_changes(file_.get()) != 1) return false;
    if (expected) return true;
    Statement space(file_.get(),
                    "INSERT INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true') "
                    "ON CONFLICT DO NOTHING");
    if (!space) return file_.failure("cannot write");
    space.bind(kCatalogName).bind(options_.table_namespace);
    if (space.step() != SQLITE_DONE) return file_.failure("cannot write");
    return true;
  }

  Status write(const std::vector<LedgerEntry>& entries) {
    if (entries.empty()) return {};
    Statement put(file_.get(),
                  "INSERT OR REPLACE INTO cairn_objects VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    if (!put) return file_.failure("cannot write the ledger of");
    for (const auto& entry : entries) {
      put.bind(lake_).bind(entry.source).bind(entry.key);
      put.bind(static_cast<int64_t>(entry.size_bytes)).bind(entry.etag);
      put.bind(static_cast<int64_t>(entry.state)).bind(entry.reason);
      put.bind(static_cast<int64_t>(entry.events)).bind(static_cast<int64_t>(entry.duplicates));
      put.bind(static_cast<int64_t>(entry.rejected)).bind(entry.taken_us);
      if (put.step() != SQLITE_DONE) return file_.failure("cannot write the ledger of");
      put.reset();
    }
    return {};
  }

  SqliteFile file_;
  std::string path_;
  CatalogOptions options_;
  io::SystemWaiter system_waiter_;
  io::Waiter& waiter_;
  std::string lake_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<Catalog>> open_sqlite_catalog(std::string path,
                                                     const CatalogOptions& options) {
  auto file = CAIRN_TRY(SqliteFile::open(path, "catalog", options.create, kBusyMillis));
  auto catalog = std::make_unique<SqliteCatalog>(std::move(file), std::move(path), options);
  CAIRN_TRY(catalog->open());
  return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace cairn::store
