#include "base/sql_text.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "store/internal/catalogs.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

namespace cairn::store {
namespace {

constexpr size_t kRowsPerInsert = 1000;
constexpr size_t kColumns = 11;
constexpr int64_t kRowsPerRead = 20'000;
constexpr int64_t kPostgresLockPauseUs = 50'000;

constexpr const char* kPostgresTables = R"(
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
ALTER TABLE iceberg_tables ADD COLUMN IF NOT EXISTS iceberg_type VARCHAR(5);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key));
CREATE TABLE IF NOT EXISTS cairn_versions (component TEXT PRIMARY KEY, version BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS cairn_objects (
  lake TEXT NOT NULL, source BYTEA NOT NULL, object_key BYTEA NOT NULL,
  size_bytes BIGINT NOT NULL, etag TEXT NOT NULL, state BIGINT NOT NULL, reason TEXT NOT NULL,
  events BIGINT NOT NULL, duplicates BIGINT NOT NULL, rejected BIGINT NOT NULL,
  taken_us BIGINT NOT NULL,
  PRIMARY KEY (lake, source, object_key));
INSERT INTO cairn_versions VALUES ('catalog', 1) ON CONFLICT DO NOTHING;
)";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

using Connection = std::unique_ptr<PGconn, Finish>;
using Rows = std::unique_ptr<PGresult, Clear>;

/// Bytes as PostgreSQL's hexadecimal text.
std::string bytea(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\\x";
  out.reserve(2 + bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 0xF];
  }
  return out;
}

int digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::string from_bytea(std::string_view text) {
  std::string out;
  for (size_t i = 2; i + 1 < text.size(); i += 2)
    out += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
  return out;
}

/// What a TEXT column takes: UTF-8 without NUL. Reasons may quote hostile data.
std::string plain_text(std::string_view text) {
  auto out = repair_utf8(text);
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

class PostgresLock final : public Catalog::WriterLock {
 public:
  explicit PostgresLock(Connection connection) : connection_(std::move(connection)) {}

 private:
  Connection connection_;  // the lock goes with it
};

class PostgresCatalog final : public Catalog {
 public:
  explicit PostgresCatalog(CatalogOptions options)
      : options_(std::move(options)),
        waiter_(options_.waiter == nullptr ? system_waiter_ : *options_.waiter),
        lake_(options_.table_namespace + '.' + options_.table_name),
        lock_name_(fmt::format("hashtextextended({}, 0)", sql_literal("cairn " + lake_))) {}

  Status open() {
    connection_ = CAIRN_TRY(connect());
    if (options_.create) {
      // Two programs that make the same table at once get in each other's way, IF NOT EXISTS or
      // not.
      CAIRN_TRY(run(connection_.get(), "BEGIN; SELECT pg_advisory_xact_lock(7236831);"));
      auto status = run(connection_.get(), kPostgresTables);
      if (status.ok()) status = run(connection_.get(), "COMMIT");
      if (!status.ok()) {
        PQclear(PQexec(connection_.get(), "ROLLBACK"));
        return status;
      }
    }
    auto found = query(connection_.get(),
                       "SELECT version FROM cairn_versions WHERE component = 'catalog'", {});
    if (!found.ok() && state_of_failure_ == "42P01")
      return Error{ErrorKind::not_found, fmt::format("{} holds no catalog of a lake", place())};
    const auto rows = CAIRN_TRY(std::move(found));
    if (PQntuples(rows.get()) != 1)
      return Error{ErrorKind::corrupt, fmt::format("{} lacks the catalog's version", place())};
    return check_catalog_version(number(rows.get(), 0, 0), place());
  }

  std::string table_path() const override {
    return options_.table_namespace + '/' + options_.table_name;
  }

  Result<std::optional<std::string>> metadata_location() override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(reconnect());
    constexpr const char* kAsk =
        "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = $1 AND "
        "table_namespace = $2 AND table_name = $3";
    auto rows = query(connection_.get(), kAsk, name());
    if (!rows.ok() && PQstatus(connection_.get()) != CONNECTION_OK) {  // cut off since; reading
      CAIRN_TRY(reconnect());                                          // may be tried again
      rows = query(connection_.get(), kAsk, name());
    }
    const auto found = CAIRN_TRY(std::move(rows));
    if (PQntuples(found.get()) == 0 || PQgetisnull(found.get(), 0, 0) != 0)
      return std::optional<std::string>();
    return std::optional<std::string>(PQgetvalue(found.get(), 0, 0));
  }

  Result<bool> commit(const std::optional<std::string>& expected, const std::string& next,
                      const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(reconnect());
    auto moved = move(expected, next, entries);
    if (moved.ok() && moved.value()) {
      auto status = run(connection_.get(), "COMMIT");
      if (status.ok()) return true;
      unsettled_ = PQstatus(connection_.get()) != CONNECTION_OK;
      moved = std::move(status).error();
    }
    if (PQstatus(connection_.get()) == CONNECTION_OK)
      PQclear(PQexec(connection_.get(), "ROLLBACK"));
    return moved;
  }

  Status record(const std::vector<LedgerEntry>& entries) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(reconnect());
    CAIRN_TRY(run(connection_.get(), "BEGIN"));
    auto status = write(entries);
    if (status.ok()) status = run(connection_.get(), "COMMIT");
    if (!status.ok() && PQstatus(connection_.get()) == CONNECTION_OK)
      PQclear(PQexec(connection_.get(), "ROLLBACK"));
    return status;
  }

  Status visit_ledger(const std::string& source, const std::string& key_prefix,
                      const std::function<void(const LedgerEntry&)>& visit) override {
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(reconnect());
    const auto end = after_prefix(key_prefix);
    const auto sql = fmt::format(
        "SELECT object_key, size_bytes, etag, state, reason, events, duplicates, rejected, "
        "taken_us, source FROM cairn_objects WHERE lake = $1 AND (source, object_key) > ($2, $3) "
        "AND object_key >= $4 {} {} ORDER BY source, object_key LIMIT {}",
        source.empty() ? "" : "AND source = $5",
        end.empty() ? "" : fmt::format("AND object_key < ${}", source.empty() ? 5 : 6),
        kRowsPerRead);
    LedgerEntry entry;  // the last one that was read
    for (;;) {
      std::vector<std::string> values{lake_, bytea(entry.source), bytea(entry.key),
                                      bytea(key_prefix)};
      if (!source.empty()) values.push_back(bytea(source));
      if (!end.empty()) values.push_back(bytea(end));
      const auto rows = CAIRN_TRY(query(connection_.get(), sql.c_str(), values));
      for (int row = 0; row < PQntuples(rows.get()); ++row) {
        CAIRN_TRY(read_entry(rows.get(), row, entry));
        visit(entry);
      }
      if (PQntuples(rows.get()) < kRowsPerRead) return {};
    }
  }

  Result<std::unique_ptr<WriterLock>> lock_for_writing(int seconds_max) override {
    auto connection = CAIRN_TRY(connect());
    const auto sql = fmt::format("SELECT pg_try_advisory_lock({} + 1)", lock_name_);
    const auto deadline_us = waiter_.steady_us() + seconds_max * kMicrosPerSecond;
    for (;;) {
      const auto rows = CAIRN_TRY(query(connection.get(), sql.c_str(), {}));
      if (std::string_view(PQgetvalue(rows.get(), 0, 0)) == "t")
        return std::unique_ptr<WriterLock>(std::make_unique<PostgresLock>(std::move(connection)));
      if (waiter_.steady_us() >= deadline_us) return lock_timeout(seconds_max);
      waiter_.wait_us(kPostgresLockPauseUs);
    }
  }

 private:
  std::vector<std::string> name() const {
    return {std::string(kCatalogName), options_.table_namespace, options_.table_name};
  }

  /// Where the catalog is, without the password.
  std::string place() const {
    if (!connection_) return "PostgreSQL";
    const auto* const host = PQhost(connection_.get());
    const auto* const database = PQdb(connection_.get());
    return fmt::format("database '{}' on '{}'", database == nullptr ? "" : database,
                       host == nullptr ? "" : host);
  }

  Result<Connection> connect() const {
    // The URL's own values come after ours and win.
    constexpr const char* kNames[] = {
        "connect_timeout", "keepalives_idle", "tcp_user_timeout", "application_name",
        "client_encoding", "options",         "dbname",           nullptr};
    constexpr const char* kSettings =
        "-c statement_timeout=120000 -c lock_timeout=60000 "
        "-c idle_in_transaction_session_timeout=120000 -c client_min_messages=warning";
    const char* const values[] = {
        "10", "30", "60000", "cairn", "UTF8", kSettings, options_.url.c_str(), nullptr};
    Connection connection(PQconnectdbParams(kNames, values, 1));
    const bool ready = PQstatus(connection.get()) == CONNECTION_OK;
    const Rows set(ready ? PQexec(connection.get(), "SET bytea_output = 'hex'") : nullptr);
    if (PQresultStatus(set.get()) == PGRES_COMMAND_OK) return connection;
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot connect to the catalog in PostgreSQL: {}\nhint: check the "
                             "address; the password may be in PGPASSWORD or ~/.pgpass",
                             without_password(PQerrorMessage(connection.get())))};
  }

  /// libpq's messages name host, port and user; a malformed URL is repeated whole, though.
  std::string without_password(std::string_view message) const {
    std::string out(message.substr(0, message.find_last_not_of(" \n") + 1));
    const auto drop = [&](std::string_view secret) {
      if (secret.empty()) return;
      for (size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at + 3))
        out.replace(at, secret.size(), "***");
    };
    drop(options_.url);
    const auto scheme = options_.url.find("://");
    const auto at = options_.url.rfind('@');
    const auto colon = options_.url.find(':', scheme + 3);
    if (at != std::string::npos && colon < at)
      drop(std::string_view(options_.url).substr(colon + 1, at - colon - 1));
    const auto query = options_.url.find("password=");
    if (query != std::string::npos)
      drop(std::string_view(options_.url)
               .substr(query + 9, options_.url.find('&', query) - query - 9));
    std::replace(out.begin(), out.end(), '\n', ' ');
    return printable(out);
  }

  /// A new connection if the old one broke. After a COMMIT whose answer was lost, waits until the
  /// server is done with it: all commits hold the same lock.
  Status reconnect() {
    if (PQstatus(connection_.get()) != CONNECTION_OK) connection_ = CAIRN_TRY(connect());
    if (!unsettled_) return {};
    CAIRN_TRY(run(connection_.get(), fmt::format("SELECT pg_advisory_lock({0}); "
                                                 "SELECT pg_advisory_unlock({0})",
                                                 lock_name_)
                                         .c_str()));
    unsettled_ = false;
    return {};
  }

  Error failure(PGconn* connection, const PGresult* result) {
    const auto* const state =
        result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    state_of_failure_ = state == nullptr ? "" : state;
    ErrorKind kind = ErrorKind::unavailable;
    if (state_of_failure_.starts_with("42")) kind = ErrorKind::corrupt;
    if (state_of_failure_ == "42501" || state_of_failure_ == "25006")
      kind = ErrorKind::permission_denied;
    if (state_of_failure_.starts_with("53")) kind = ErrorKind::exhausted;
    return Error{kind, fmt::format("the catalog in PostgreSQL failed: {}",
                                   without_password(PQerrorMessage(connection)))};
  }

  Status run(PGconn* connection, const char* sql) {
    const Rows result(PQexec(connection, sql));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      return failure(connection, result.get());
    // The server answers the COMMIT of a transaction that failed with a ROLLBACK.
    if (std::string_view(sql) == "COMMIT" &&
        std::string_view(PQcmdStatus(result.get())) != "COMMIT")
      return Error{ErrorKind::unavailable, "PostgreSQL rolled the change back"};
    return {};
  }

  Result<Rows> query(PGconn* connection, const char* sql, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const auto& value : values) pointers.push_back(value.c_str());
    Rows rows(PQexecParams(connection, sql, static_cast<int>(values.size()), nullptr,
                           pointers.data(), nullptr, nullptr, 0));
    const auto status = PQresultStatus(rows.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      return failure(connection, rows.get());
    return rows;
  }

  static int64_t number(const PGresult* rows, int row, int column) {
    const std::string_view text = PQgetvalue(rows, row, column);
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  static Status read_entry(const PGresult* rows, int row, LedgerEntry& entry) {
    entry.key = from_bytea(PQgetvalue(rows, row, 0));
    entry.size_bytes = static_cast<uint64_t>(number(rows, row, 1));
    entry.etag = PQgetvalue(rows, row, 2);
    entry.state = CAIRN_TRY(state_of(number(rows, row, 3)));
    entry.reason = PQgetvalue(rows, row, 4);
    entry.events = static_cast<uint64_t>(number(rows, row, 5));
    entry.duplicates = static_cast<uint64_t>(number(rows, row, 6));
    entry.rejected = static_cast<uint64_t>(number(rows, row, 7));
    entry.taken_us = number(rows, row, 8);
    entry.source = from_bytea(PQgetvalue(rows, row, 9));
    return {};
  }

  Result<bool> move(const std::optional<std::string>& expected, const std::string& next,
                    const std::vector<LedgerEntry>& entries) {
    CAIRN_TRY(run(connection_.get(), "BEGIN"));
    CAIRN_TRY(run(connection_.get(),
                  fmt::format("SELECT pg_advisory_xact_lock({})", lock_name_).c_str()));
    auto values = name();
    values.push_back(next);
    if (expected) values.push_back(*expected);
    const auto rows = CAIRN_TRY(query(
        connection_.get(),
        expected ? "UPDATE iceberg_tables SET previous_metadata_location = metadata_location, "
                   "metadata_location = $4 WHERE catalog_name = $1 AND table_namespace = $2 AND "
                   "table_name = $3 AND metadata_location = $5"
                 : "INSERT INTO iceberg_tables AS t (catalog_name, table_namespace, table_name, "
                   "metadata_location, iceberg_type) VALUES ($1, $2, $3, $4, 'TABLE') "
                   "ON CONFLICT (catalog_name, table_namespace, table_name) DO UPDATE SET "
                   "metadata_location = $4 WHERE t.metadata_location IS NULL",
        values));
    if (std::string_view(PQcmdTuples(rows.get())) != "1") return false;
    if (!expected) {
      const auto made = CAIRN_TRY(query(connection_.get(),
                                        "INSERT INTO iceberg_namespace_properties VALUES ($1, $2, "
                                        "'exists', 'true') ON CONFLICT DO NOTHING",
                                        {std::string(kCatalogName), options_.table_namespace}));
    }
    CAIRN_TRY(write(entries));
    return true;
  }

  /// The last entry of a key counts; PostgreSQL refuses to write a row twice in one statement.
  Status write(const std::vector<LedgerEntry>& entries) {
    std::map<std::pair<std::string_view, std::string_view>, const LedgerEntry*> last;
    for (const auto& entry : entries) last[{entry.source, entry.key}] = &entry;
    auto at = last.begin();
    while (at != last.end()) {
      std::vector<const LedgerEntry*> part;
      for (; at != last.end() && part.size() < kRowsPerInsert; ++at) part.push_back(at->second);
      CAIRN_TRY(write_part(part));
    }
    return {};
  }

  Status write_part(const std::vector<const LedgerEntry*>& part) {
    std::string sql = "INSERT INTO cairn_objects VALUES ";
    std::vector<std::string> values;
    for (const auto* entry : part) {
      sql += values.empty() ? "(" : ", (";
      for (size_t i = 1; i <= kColumns; ++i)
        fmt::format_to(std::back_inserter(sql), "{}${}", i == 1 ? "" : ",", values.size() + i);
      sql += ')';
      const auto add = [&](auto count) { values.push_back(fmt::format("{}", count)); };
      values.push_back(lake_);
      values.push_back(bytea(entry->source));
      values.push_back(bytea(entry->key));
      add(entry->size_bytes);
      values.push_back(plain_text(entry->etag));
      add(static_cast<int>(entry->state));
      values.push_back(plain_text(entry->reason));
      add(entry->events);
      add(entry->duplicates);
      add(entry->rejected);
      add(entry->taken_us);
    }
    sql +=
        " ON CONFLICT (lake, source, object_key) DO UPDATE SET size_bytes = excluded.size_bytes, "
        "etag = excluded.etag, state = excluded.state, reason = excluded.reason, "
        "events = excluded.events, duplicates = excluded.duplicates, "
        "rejected = excluded.rejected, taken_us = excluded.taken_us";
    const auto rows = CAIRN_TRY(query(connection_.get(), sql.c_str(), values));
    return {};
  }

  CatalogOptions options_;
  io::SystemWaiter system_waiter_;
  io::Waiter& waiter_;
  std::string lake_;
  std::string lock_name_;
  Connection connection_{};
  bool unsettled_ = false;
  std::string state_of_failure_{};
  std::mutex mutex_{};
};

}  // namespace

Result<std::unique_ptr<Catalog>> open_postgres_catalog(const CatalogOptions& options) {
  auto catalog = std::make_unique<PostgresCatalog>(options);
  CAIRN_TRY(catalog->open());
  return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace cairn::store
