// The catalog: where the table's current metadata is, and, changed in the same transaction, the
// ledger of source objects that were taken. Tables `iceberg_tables` and
// `iceberg_namespace_properties` have the layout of Iceberg's JDBC catalog, so that pyiceberg's
// SqlCatalog and others read the same database; `cairn_objects` is ours.
#pragma once

#include "base/result.h"
#include "io/waiter.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

enum class ObjectState : uint8_t {
  taken,     ///< all its events are in the lake
  partial,   ///< some were refused; the object as it came is in rejected/
  rejected,  ///< none could be taken; the object as it came is in rejected/
  left_out,  ///< holds no events (digest, another service's log)
};

/// One source object that was dealt with.
struct LedgerEntry {
  std::string source;  ///< "s3://bucket" or "file://" of this machine
  std::string key;     ///< key in the bucket; absolute path
  uint64_t size_bytes = 0;
  std::string etag{};
  ObjectState state = ObjectState::taken;
  std::string reason{};
  uint64_t events = 0;  ///< stored for the first time
  uint64_t duplicates = 0;
  uint64_t rejected = 0;
  int64_t taken_us = 0;  ///< when, microseconds since 1970
};

/// Thread-safe. Another process may use the same database.
class Catalog {
 public:
  virtual ~Catalog() = default;

  /// Folder of the table in the lake's store: `namespace/table`.
  virtual std::string table_path() const = 0;

  /// nullopt before the table is made.
  virtual Result<std::optional<std::string>> metadata_location() = 0;

  /// In one durable transaction: moves the pointer from `expected` (nullopt: there is no table yet)
  /// to `next`, and writes the ledger's entries (replacing those of the same source and key).
  /// False, with nothing changed, when the pointer is no longer at `expected`.
  virtual Result<bool> commit(const std::optional<std::string>& expected, const std::string& next,
                              const std::vector<LedgerEntry>& entries) = 0;

  /// Writes entries with no change of the table.
  virtual Status record(const std::vector<LedgerEntry>& entries) = 0;

  /// All entries of a source ("": of every source, one after the other) whose key begins with
  /// `key_prefix`, in key order. `visit` must not call the catalog.
  virtual Status visit_ledger(const std::string& source, const std::string& key_prefix,
                              const std::function<void(const LedgerEntry&)>& visit) = 0;

  /// Waits until this process is the only one that writes; released when the handle goes (or the
  /// process dies). Fails with `exhausted` after `seconds_max`.
  class WriterLock {
   public:
    virtual ~WriterLock() = default;
  };

  virtual Result<std::unique_ptr<WriterLock>> lock_for_writing(int seconds_max) = 0;
};

/// `url`: `sqlite:///absolute/path.db` (or with a fourth slash, as SQLAlchemy has it), or
/// `postgresql://user@host/db…` (libpq's form; the password from the URL, PGPASSWORD or ~/.pgpass;
/// it is never in an error). The table is `table_namespace.table_name` in catalog `cairn`. Makes
/// the catalog's tables if they are missing and `create` is set, else fails with `not_found`.
struct CatalogOptions {
  std::string url;
  bool create = false;
  std::string table_namespace = "cairn";
  std::string table_name = "cloudtrail";
  io::Waiter* waiter = nullptr;  ///< of lock_for_writing(); null: the machine's
};

Result<std::unique_ptr<Catalog>> open_catalog(const CatalogOptions& options);

}  // namespace cairn::store
