#include "store/internal/metadata.h"

#include "store/internal/schema_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cairn::store {
namespace {

using nlohmann::json;

constexpr int64_t kLogMax = 100;

Result<Snapshot> snapshot_from_json(const json& from) {
  Snapshot made;
  made.id = CAIRN_TRY(need_integer(from, "snapshot-id"));
  made.timestamp_ms = CAIRN_TRY(need_integer(from, "timestamp-ms"));
  made.manifest_list = CAIRN_TRY(need_text(from, "manifest-list"));
  if (const auto at = from.find("parent-snapshot-id"); at != from.end() && at->is_number_integer())
    made.parent_id = at->get<int64_t>();
  if (const auto at = from.find("sequence-number"); at != from.end() && at->is_number_integer())
    made.sequence_number = at->get<int64_t>();
  if (const auto at = from.find("summary"); at != from.end() && at->is_object())
    for (const auto& [key, value] : at->items())
      if (value.is_string()) made.summary[key] = value.get<std::string>();
  if (const auto at = made.summary.find("operation"); at != made.summary.end()) {
    made.operation = at->second;
    made.summary.erase(at);
  }
  return made;
}

Status parse_schemas(Metadata& made) {
  made.schema_id = CAIRN_TRY(need_id(made.document, "current-schema-id"));
  const auto* const schemas = CAIRN_TRY(need_array(made.document, "schemas"));
  bool found = false;
  for (const auto& schema : *schemas) {
    const auto id = CAIRN_TRY(need_id(schema, "schema-id"));
    auto fields = CAIRN_TRY(fields_from_json(schema));
    if (id != made.schema_id) continue;
    made.fields = std::move(fields);
    found = true;
  }
  if (!found) return metadata_error("it lacks its current schema");
  return {};
}

Status parse_specs(Metadata& made) {
  made.default_spec_id = CAIRN_TRY(need_id(made.document, "default-spec-id"));
  const auto* const specs = CAIRN_TRY(need_array(made.document, "partition-specs"));
  for (const auto& one : *specs) {
    auto spec = CAIRN_TRY(spec_from_json(one));
    made.specs[spec.id] = std::move(spec);
  }
  if (!made.specs.contains(made.default_spec_id))
    return metadata_error("it lacks its partition spec");
  return {};
}

Status parse_snapshots(Metadata& made) {
  if (const auto at = made.document.find("snapshots");
      at != made.document.end() && at->is_array()) {
    for (const auto& one : *at) {
      auto snapshot = CAIRN_TRY(snapshot_from_json(one));
      made.snapshots.push_back(std::move(snapshot));
    }
  }
  std::stable_sort(
      made.snapshots.begin(), made.snapshots.end(),
      [](const Snapshot& a, const Snapshot& b) { return a.sequence_number < b.sequence_number; });
  const auto current = made.document.find("current-snapshot-id");
  if (current == made.document.end() || !current->is_number_integer() || *current == -1) return {};
  made.current_id = current->get<int64_t>();
  if (made.find(*made.current_id) == nullptr)
    return metadata_error("it lacks its current snapshot");
  return {};
}

}  // namespace

const Snapshot* Metadata::find(int64_t id) const {
  const auto at = std::find_if(snapshots.begin(), snapshots.end(),
                               [&](const Snapshot& snapshot) { return snapshot.id == id; });
  return at == snapshots.end() ? nullptr : &*at;
}

int64_t Metadata::number_property(const char* name, int64_t otherwise) const {
  const auto properties = document.find("properties");
  if (properties == document.end() || !properties->is_object()) return otherwise;
  const auto at = properties->find(name);
  if (at == properties->end() || !at->is_string()) return otherwise;
  const auto& text = at->get_ref<const std::string&>();
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

bool Metadata::flag_property(const char* name) const {
  const auto properties = document.find("properties");
  return properties != document.end() && properties->is_object() &&
         properties->value(name, json()) == "true";
}

std::vector<std::string> Metadata::log() const {
  std::vector<std::string> files;
  const auto at = document.find("metadata-log");
  if (at == document.end() || !at->is_array()) return files;
  for (const auto& entry : *at)
    if (entry.is_object() && entry.contains("metadata-file") && entry["metadata-file"].is_string())
      files.push_back(entry["metadata-file"]);
  return files;
}

std::string Metadata::schema_text() const {
  for (const auto& schema : document["schemas"])
    if (schema["schema-id"] == schema_id) return schema.dump();
  return "{}";
}

std::string Metadata::spec_text(int32_t id) const {
  for (const auto& spec : document["partition-specs"])
    if (spec["spec-id"] == id) return spec["fields"].dump();
  return "[]";
}

Result<Metadata> parse_metadata(std::string_view text) {
  Metadata made;
  made.document = json::parse(text, nullptr, false);
  if (!made.document.is_object()) return metadata_error("it is no JSON object");
  const auto version = CAIRN_TRY(need_integer(made.document, "format-version"));
  if (version != 2)
    return Error{ErrorKind::unimplemented,
                 fmt::format("the table has version {} of the Iceberg format; cairn knows version "
                             "2",
                             version)};
  made.location = CAIRN_TRY(need_text(made.document, "location"));
  CAIRN_TRY(need_text(made.document, "table-uuid"));
  made.last_sequence_number = CAIRN_TRY(need_integer(made.document, "last-sequence-number"));
  made.last_updated_ms = CAIRN_TRY(need_integer(made.document, "last-updated-ms"));
  CAIRN_TRY(need_integer(made.document, "last-column-id"));
  made.default_sort_order_id = CAIRN_TRY(need_id(made.document, "default-sort-order-id"));
  CAIRN_TRY(parse_schemas(made));
  CAIRN_TRY(parse_specs(made));
  CAIRN_TRY(parse_snapshots(made));
  return made;
}

json new_table_document(const TableDefinition& definition, const NewTable& made) {
  int32_t last_partition_id = 999;
  for (const auto& field : definition.partition)
    last_partition_id = std::max(last_partition_id, field.field_id);
  json properties = {{"write.format.default", "parquet"},
                     {"write.metadata.previous-versions-max", "100"},
                     {"write.metadata.delete-after-commit.enabled", "true"}};
  for (const auto& [name, value] : definition.properties) properties[name] = value;
  json sort_orders = json::array({{{"order-id", 0}, {"fields", json::array()}}});
  if (definition.sort_field_id != 0)
    sort_orders = json::array({{{"order-id", 1},
                                {"fields", json::array({{{"transform", "identity"},
                                                         {"source-id", definition.sort_field_id},
                                                         {"direction", "asc"},
                                                         {"null-order", "nulls-first"}}})}}});
  return {{"format-version", 2},
          {"table-uuid", made.uuid},
          {"location", made.location},
          {"last-sequence-number", 0},
          {"last-updated-ms", made.now_ms},
          {"last-column-id", largest_id(definition.fields)},
          {"schemas", json::array({schema_to_json(definition.fields, 0)})},
          {"current-schema-id", 0},
          {"partition-specs",
           json::array({{{"spec-id", 0}, {"fields", spec_fields_to_json(definition.partition)}}})},
          {"default-spec-id", 0},
          {"last-partition-id", last_partition_id},
          {"sort-orders", std::move(sort_orders)},
          {"default-sort-order-id", definition.sort_field_id != 0 ? 1 : 0},
          {"properties", std::move(properties)},
          {"current-snapshot-id", nullptr},
          {"refs", json::object()},
          {"snapshots", json::array()},
          {"snapshot-log", json::array()},
          {"metadata-log", json::array()},
          {"statistics", json::array()},
          {"partition-statistics", json::array()}};
}

Result<std::optional<json>> evolved(const Metadata& metadata, const TableDefinition& definition) {
  json schema;
  int64_t newest = 0;
  for (const auto& one : metadata.document["schemas"]) {
    if (one["schema-id"] == metadata.schema_id) schema = one;
    const auto id = CAIRN_TRY(need_integer(one, "schema-id"));
    newest = std::max(newest, id);
  }
  const bool added = CAIRN_TRY(add_fields(schema, definition.fields));
  if (!added) return std::optional<json>();
  schema["schema-id"] = newest + 1;
  json document = metadata.document;
  document["schemas"].push_back(std::move(schema));
  document["current-schema-id"] = newest + 1;
  const auto last = CAIRN_TRY(need_integer(document, "last-column-id"));
  document["last-column-id"] = std::max<int64_t>(last, largest_id(definition.fields));
  return std::optional(std::move(document));
}

void add_snapshot(json& document, const Snapshot& snapshot, int32_t schema_id) {
  json summary = snapshot.summary;
  if (!summary.is_object()) summary = json::object();
  summary["operation"] = snapshot.operation;
  json made = {{"snapshot-id", snapshot.id},
               {"sequence-number", snapshot.sequence_number},
               {"timestamp-ms", snapshot.timestamp_ms},
               {"manifest-list", snapshot.manifest_list},
               {"summary", std::move(summary)},
               {"schema-id", schema_id}};
  if (snapshot.parent_id) made["parent-snapshot-id"] = *snapshot.parent_id;
  const auto list = [&](const char* name) -> json& {
    auto& member = document[name];
    if (!member.is_array()) member = json::array();
    return member;
  };
  list("snapshots").push_back(std::move(made));
  list("snapshot-log")
      .push_back({{"snapshot-id", snapshot.id}, {"timestamp-ms", snapshot.timestamp_ms}});
  document["current-snapshot-id"] = snapshot.id;
  if (!document["refs"].is_object()) document["refs"] = json::object();
  auto& branch = document["refs"]["main"];
  if (!branch.is_object()) branch = {{"type", "branch"}};
  branch["snapshot-id"] = snapshot.id;
  document["last-sequence-number"] = snapshot.sequence_number;
}

void remove_snapshots(json& document, const std::vector<int64_t>& ids) {
  const auto gone = [&](const json& entry) {
    const auto at = entry.find("snapshot-id");
    return at != entry.end() && at->is_number_integer() &&
           std::find(ids.begin(), ids.end(), at->get<int64_t>()) != ids.end();
  };
  json kept = json::array();
  for (auto& snapshot : document["snapshots"])
    if (!gone(snapshot)) kept.push_back(std::move(snapshot));
  document["snapshots"] = std::move(kept);
  json log = json::array();  // a gap in it would tell a wrong history
  if (document["snapshot-log"].is_array()) {
    for (auto& entry : document["snapshot-log"]) {
      if (gone(entry)) {
        log = json::array();
      } else {
        log.push_back(std::move(entry));
      }
    }
  }
  document["snapshot-log"] = std::move(log);
  for (const auto* name : {"statistics", "partition-statistics"}) {
    if (!document.contains(name) || !document[name].is_array()) continue;
    json left = json::array();
    for (auto& entry : document[name])
      if (!gone(entry)) left.push_back(std::move(entry));
    document[name] = std::move(left);
  }
}

std::vector<std::string> push_log(json& document, const Metadata& before,
                                  const std::string& before_location, int64_t now_ms) {
  document["last-updated-ms"] = now_ms;
  auto& log = document["metadata-log"];
  if (!log.is_array()) log = json::array();
  log.push_back({{"metadata-file", before_location}, {"timestamp-ms", before.last_updated_ms}});
  const auto max = static_cast<size_t>(std::max<int64_t>(
      1, before.number_property("write.metadata.previous-versions-max", kLogMax)));
  std::vector<std::string> dropped;
  while (log.size() > max) {
    if (log[0].is_object() && log[0].contains("metadata-file") &&
        log[0]["metadata-file"].is_string())
      dropped.push_back(log[0]["metadata-file"]);
    log.erase(0);
  }
  return dropped;
}

}  // namespace cairn::store
