// An Iceberg v2 table: snapshots of data files, changed by atomic commits that are tried again when
// another writer was first. Nothing here knows CloudTrail. docs/formats/lake.md describes the
// bytes.
#pragma once

#include "base/result.h"
#include "io/clock.h"
#include "io/object_store.h"
#include "store/catalog.h"
#include "store/schema.h"

#include <boost/container/flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::store {

/// By field id. Flat: a lake has thousands of files with some dozens of these each.
template <class Value>
using ByField = boost::container::flat_map<int32_t, Value>;

/// A Parquet file of the table. Bounds and counts are by field id of leaves, bounds in Iceberg's
/// single-value binary form.
struct DataFile {
  std::string key;  ///< within the lake's ObjectStore
  /// Value of each partition field; days since 1970 for `day`. nullopt is null.
  std::vector<std::optional<int32_t>> partition_days{};
  int64_t rows = 0;
  int64_t size_bytes = 0;
  ByField<int64_t> column_sizes{};
  ByField<int64_t> value_counts{};
  ByField<int64_t> null_counts{};
  ByField<std::string> lower_bounds{};
  ByField<std::string> upper_bounds{};
  std::vector<int64_t> split_offsets{};
  std::optional<int32_t> sort_order_id{};
};

struct Snapshot {
  int64_t id = 0;
  std::optional<int64_t> parent_id{};
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string operation{};  ///< append, replace, overwrite, delete
  std::map<std::string, std::string> summary{};
  std::string manifest_list{};
};

/// What a commit changes. Files to remove must be in the current snapshot, else the commit fails
/// with `not_found` (another writer took them away) and nothing is changed.
struct Change {
  std::string operation = "append";
  std::vector<DataFile> added{};
  std::vector<std::string> removed_keys{};
  std::map<std::string, std::string> summary{};  ///< besides Iceberg's own counts
  std::vector<LedgerEntry> ledger{};             ///< committed in the same transaction
};

struct TableDefinition {
  Fields fields;
  std::vector<PartitionField> partition{};
  int32_t sort_field_id = 0;  ///< 0: unsorted; else ascending by that field, nulls first
  std::map<std::string, std::string> properties{};
};

struct TableState;

/// Not thread-safe; open one per thread. Borrows what it is given.
class Table {
 public:
  /// Opens the table, making it when there is none. When the definition has fields that the stored
  /// schema lacks, a new schema with them is committed (schema evolution); a field of another type
  /// is `corrupt`.
  static Result<Table> open_or_create(io::ObjectStore& store, Catalog& catalog,
                                      const io::Clock& clock, const TableDefinition& definition);
  /// Fails with `not_found` when there is no table.
  static Result<Table> open(io::ObjectStore& store, Catalog& catalog, const io::Clock& clock);
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;
  ~Table();

  /// Reads the metadata anew if the pointer moved; true if it did.
  Result<bool> refresh();

  /// nullopt while the table is empty.
  std::optional<Snapshot> current() const;
  /// Oldest first.
  const std::vector<Snapshot>& snapshots() const;
  /// By id, or the last one at or before an instant. `not_found` names what there is.
  Result<Snapshot> snapshot_by_id(int64_t id) const;
  Result<Snapshot> snapshot_as_of(int64_t timestamp_ms) const;
  const std::string& metadata_location() const;
  /// Fields of the current schema.
  const Fields& fields() const;

  /// The live files of a snapshot (manifests are cached by name, as they never change). `wanted`
  /// is asked for each manifest entry's partition first: manifests that hold nothing of the days
  /// are not read.
  struct DayRange {
    std::optional<int32_t> min{};  ///< days since 1970, inclusive
    std::optional<int32_t> max{};
  };

  /// `cancelled`, which any thread may set, ends it with `unavailable`.
  Result<std::vector<DataFile>> files(const Snapshot& snapshot, const DayRange& days,
                                      const std::atomic<bool>* cancelled = nullptr);

  /// Commits `change` on top of the newest state, trying again (re-reading the metadata) when
  /// another writer was first. Manifests that are many and small are merged on the way.
  Result<Snapshot> commit(const Change& change);

  /// Makes `snapshot_id` current again by a new snapshot with its files.
  Result<Snapshot> rollback(int64_t snapshot_id);

  struct Expired {
    std::vector<int64_t> snapshots;
    std::vector<std::string> removed_keys;  ///< data files, manifests and lists that nothing needs
    uint64_t removed_bytes = 0;
  };

  /// Drops snapshots older than the instant (never the current one), first from the metadata, then
  /// the files that no remaining snapshot needs. `dry_run` only says what would go. With
  /// `keep_one_per_ms` the last one of each such span of time stays.
  Result<Expired> expire_snapshots(int64_t older_than_ms, bool dry_run,
                                   int64_t keep_one_per_ms = 0);

  /// Objects below the table's folders that no snapshot, metadata or manifest names, older than the
  /// instant (a running writer's files are not yet named).
  Result<std::vector<io::ObjectInfo>> orphans(int64_t older_than_us);

 private:
  explicit Table(std::unique_ptr<TableState> state);

  std::unique_ptr<TableState> state_;
};

}  // namespace cairn::store
