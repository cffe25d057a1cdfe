// Table metadata: the JSON file that a catalog's pointer names. What cairn does not know of it is
// kept as it is. Source: Apache Iceberg table specification, version 2, "Table Metadata" and
// appendix C.
#pragma once

#include "base/result.h"
#include "store/schema.h"
#include "store/table.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

struct PartitionSpec {
  int32_t id = 0;
  std::vector<PartitionField> fields{};
  bool understood = true;  ///< false: has transforms that cairn does not know
};

struct Metadata {
  nlohmann::json document;
  std::string location;
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int32_t schema_id = 0;
  Fields fields{};  ///< of the current schema; those of types that cairn does not know are left out
  std::map<int32_t, PartitionSpec> specs{};
  int32_t default_spec_id = 0;
  int32_t default_sort_order_id = 0;
  std::vector<Snapshot> snapshots{};  ///< oldest first
  std::optional<int64_t> current_id{};

  const Snapshot* find(int64_t id) const;

  const PartitionSpec& default_spec() const { return specs.at(default_spec_id); }

  /// The property, or `otherwise` when it is not there or no number.
  int64_t number_property(const char* name, int64_t otherwise) const;
  bool flag_property(const char* name) const;
  /// URIs of the metadata files before this one, oldest first.
  std::vector<std::string> log() const;
  /// The current schema, and the default spec's fields, as the header of a manifest holds them.
  std::string schema_text() const;
  std::string spec_text(int32_t id) const;
};

/// Fails with `corrupt`, and with `unimplemented` for another version of the format.
Result<Metadata> parse_metadata(std::string_view text);

struct NewTable {
  std::string uuid;
  std::string location;
  int64_t now_ms = 0;
};

nlohmann::json new_table_document(const TableDefinition& definition, const NewTable& made);

/// The document with fields of `definition` that the current schema lacks in a new schema; nullopt
/// when it has them all. Fails with `corrupt` when a field is there with another type.
Result<std::optional<nlohmann::json>> evolved(const Metadata& metadata,
                                              const TableDefinition& definition);

/// Adds the snapshot and makes it the current one.
void add_snapshot(nlohmann::json& document, const Snapshot& snapshot, int32_t schema_id);

/// Takes snapshots out, and out of the log all entries up to the last one that is gone.
void remove_snapshots(nlohmann::json& document, const std::vector<int64_t>& ids);

/// Enters the file that `document` replaces in the metadata log; gives the URIs of those that the
/// log is too short for.
std::vector<std::string> push_log(nlohmann::json& document, const Metadata& before,
                                  const std::string& before_location, int64_t now_ms);

}  // namespace cairn::store
