// Manifests and manifest lists: the Avro files that name a snapshot's data files. Source: Apache
// Iceberg table specification, version 2, "Manifests" and "Snapshots".
#pragma once

#include "base/result.h"
#include "io/random.h"
#include "store/internal/metadata.h"
#include "store/table.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

/// What a manifest list says of one partition field of a manifest.
struct PartitionSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan{};
  std::optional<std::string> lower{};
  std::optional<std::string> upper{};
};

/// An entry of a manifest list.
struct ManifestFile {
  std::string path;  ///< URI
  int64_t length = 0;
  int32_t spec_id = 0;
  int32_t content = 0;  ///< 0: data files, 1: files of deleted rows
  int64_t sequence_number = 0;
  int64_t min_sequence_number = 0;
  int64_t added_snapshot_id = 0;
  int32_t added_files = 0;
  int32_t existing_files = 0;
  int32_t deleted_files = 0;
  int64_t added_rows = 0;
  int64_t existing_rows = 0;
  int64_t deleted_rows = 0;
  std::vector<PartitionSummary> partitions{};
  std::optional<std::string> key_metadata{};

  bool has_live() const { return added_files > 0 || existing_files > 0; }
};

enum class EntryStatus : uint8_t { existing = 0, added = 1, deleted = 2 };

/// An entry of a manifest. Numbers that a writer left out are those of the manifest.
struct ManifestEntry {
  EntryStatus status = EntryStatus::added;
  int64_t snapshot_id = 0;
  std::optional<int64_t> sequence_number{};  ///< nullopt: of the snapshot that it is added by
  std::optional<int64_t> file_sequence_number{};
  std::string path;   ///< URI
  bool plain = true;  ///< a Parquet file of data, of which we know all
  DataFile file;      ///< its key is not set by read_manifest()
};

/// Fails with `corrupt`.
Result<std::vector<ManifestFile>> read_manifest_list(std::string_view file);

/// Entries inherit from `from`. Fails with `corrupt`, and with what `visit` fails with.
Status read_manifest(std::string_view file, const ManifestFile& from, const PartitionSpec& spec,
                     const std::function<Status(ManifestEntry)>& visit);

/// Writes manifests and says what the list must hold of them (all but path).
struct WrittenManifest {
  std::string bytes;
  ManifestFile about;
};

/// `sequence_number` is that of the snapshot; entries added by it have none of their own.
Result<WrittenManifest> write_manifest(const Metadata& metadata, int32_t spec_id,
                                       int64_t snapshot_id, int64_t sequence_number,
                                       const std::vector<const ManifestEntry*>& entries,
                                       io::Random& random);

Result<std::string> write_manifest_list(const Snapshot& snapshot,
                                        const std::vector<ManifestFile>& manifests,
                                        io::Random& random);

/// Iceberg's single-value form of a day, and back (nullopt when it is no such value).
std::string day_to_bytes(int32_t day);
std::optional<int32_t> day_from_bytes(std::string_view bytes);

}  // namespace cairn::store
