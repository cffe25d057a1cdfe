#include "store/internal/manifest.h"

#include "store/internal/avro.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::store {
namespace {

using avro::Kind;
using avro::Value;

Error manifest_error(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("the manifest is damaged: {}", what)};
}

std::string map_type(int key_id, int value_id, std::string_view value) {
  return fmt::format(
      R"(["null",{{"type":"array","logicalType":"map","items":{{"type":"record","name":"k{0}_v{1}",)"
      R"("fields":[{{"name":"key","type":"int","field-id":{0}}},)"
      R"({{"name":"value","type":"{2}","field-id":{1}}}]}}}}])",
      key_id, value_id, value);
}

std::string field(std::string_view name, int id, std::string_view type) {
  const bool optional = type.starts_with("[\"null\"");
  return fmt::format(R"({{"name":"{}","type":{},{}"field-id":{}}})", name, type,
                     optional ? "\"default\":null," : "", id);
}

/// Names of Avro's fields have letters, digits and '_' only.
std::string avro_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || digit;
    if (digit && out.empty()) out += '_';
    out += fine ? std::string(1, c) : fmt::format("_x{:X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string joined(const std::vector<std::string>& fields) {
  return fmt::format("{}", fmt::join(fields, ","));
}

std::string partition_type(const PartitionSpec& spec) {
  std::string fields;
  for (const auto& one : spec.fields)
    fields +=
        (fields.empty() ? "" : ",") + field(avro_name(one.name), one.field_id,
                                            one.transform == PartitionField::Transform::day
                                                ? R"(["null",{"type":"int","logicalType":"date"}])"
                                                : R"(["null","int"])");
  return fmt::format(R"({{"type":"record","name":"r102","fields":[{}]}})", fields);
}

std::string entry_schema(const PartitionSpec& spec) {
  constexpr std::string_view kOptionalLong = R"(["null","long"])";
  constexpr std::string_view kOptionalBytes = R"(["null","bytes"])";
  const std::string file = fmt::format(
      R"({{"type":"record","name":"r2","fields":[{}]}})",
      joined({field("content", 134, "\"int\""), field("file_path", 100, "\"string\""),
              field("file_format", 101, "\"string\""),
              field("partition", 102, partition_type(spec)), field("record_count", 103, "\"long\""),
              field("file_size_in_bytes", 104, "\"long\""),
              field("column_sizes", 108, map_type(117, 118, "long")),
              field("value_counts", 109, map_type(119, 120, "long")),
              field("null_value_counts", 110, map_type(121, 122, "long")),
              field("nan_value_counts", 137, map_type(138, 139, "long")),
              field("lower_bounds", 125, map_type(126, 127, "bytes")),
              field("upper_bounds", 128, map_type(129, 130, "bytes")),
              field("key_metadata", 131, kOptionalBytes),
              field("split_offsets", 132,
                    R"(["null",{"type":"array","items":"long","element-id":133}])"),
              field("equality_ids", 135,
                    R"(["null",{"type":"array","items":"int","element-id":136}])"),
              field("sort_order_id", 140, R"(["null","int"])")}));
  return fmt::format(
      R"({{"type":"record","name":"manifest_entry","fields":[{}]}})",
      joined({field("status", 0, "\"int\""), field("snapshot_id", 1, kOptionalLong),
              field("sequence_number", 3, kOptionalLong),
              field("file_sequence_number", 4, kOptionalLong), field("data_file", 2, file)}));
}

std::string list_schema() {
  constexpr std::string_view kWhole = "\"long\"";
  constexpr std::string_view kSmall = "\"int\"";
  constexpr std::string_view kPartitions =
      R"(["null",{"type":"array","items":{"type":"record","name":"r508","fields":[)"
      R"({"name":"contains_null","type":"boolean","field-id":509},)"
      R"({"name":"contains_nan","type":["null","boolean"],"default":null,"field-id":518},)"
      R"({"name":"lower_bound","type":["null","bytes"],"default":null,"field-id":510},)"
      R"({"name":"upper_bound","type":["null","bytes"],"default":null,"field-id":511}]},)"
      R"("element-id":508}])";
  return fmt::format(
      R"({{"type":"record","name":"manifest_file","fields":[{}]}})",
      joined({field("manifest_path", 500, "\"string\""), field("manifest_length", 501, kWhole),
              field("partition_spec_id", 502, kSmall), field("content", 517, kSmall),
              field("sequence_number", 515, kWhole), field("min_sequence_number", 516, kWhole),
              field("added_snapshot_id", 503, kWhole), field("added_files_count", 504, kSmall),
              field("existing_files_count", 505, kSmall), field("deleted_files_count", 506, kSmall),
              field("added_rows_count", 512, kWhole), field("existing_rows_count", 513, kWhole),
              field("deleted_rows_count", 514, kWhole), field("partitions", 507, kPartitions),
              field("key_metadata", 519, R"(["null","bytes"])")}));
}

/// Fields of one record, with the first thing that is wrong about them.
class Record {
 public:
  explicit Record(const Value& value) : value_(value) {}

  std::optional<int64_t> number(int32_t id, std::string_view name) {
    const auto* const found = value_.field(id, name);
    if (found == nullptr) return std::nullopt;
    if (found->kind != Kind::integer) wrong_ = name;
    return found->number;
  }

  int64_t need_number(int32_t id, std::string_view name) {
    const auto found = number(id, name);
    if (!found) wrong_ = name;
    return found.value_or(0);
  }

  int32_t small(int32_t id, std::string_view name) {
    const auto found = number(id, name).value_or(0);
    if (found < std::numeric_limits<int32_t>::min() || found > std::numeric_limits<int32_t>::max())
      wrong_ = name;
    return static_cast<int32_t>(found);
  }

  std::optional<std::string> text(int32_t id, std::string_view name) {
    const auto* const found = value_.field(id, name);
    if (found == nullptr) return std::nullopt;
    if (found->kind != Kind::bytes) wrong_ = name;
    return std::string(found->bytes);
  }

  std::string need_text(int32_t id, std::string_view name) {
    auto found = text(id, name);
    if (!found) wrong_ = name;
    return found.value_or("");
  }

  template <class V>
  ByField<V> map(int32_t id, int32_t key_id, std::string_view name) {
    typename ByField<V>::sequence_type pairs;
    each(id, name, [&](const Value& item) {
      Record pair(item);
      const auto key = pair.small(key_id, "key");
      if constexpr (std::is_same_v<V, std::string>) {
        pairs.emplace_back(key, pair.need_text(key_id + 1, "value"));
      } else {
        pairs.emplace_back(key, pair.need_number(key_id + 1, "value"));
      }
      if (!pair.wrong_.empty()) wrong_ = name;
    });
    ByField<V> made;
    made.adopt_sequence(std::move(pairs));
    return made;
  }

  /// Of an array that may be absent.
  template <class Visit>
  void each(int32_t id, std::string_view name, const Visit& visit) {
    const auto* const found = value_.field(id, name);
    if (found == nullptr) return;
    const auto status = found->each([&](const Value& item) -> Status {
      visit(item);
      return {};
    });
    if (!status.ok()) wrong_ = name;
  }

  void wrong(std::string_view name) { wrong_ = name; }

  Status status() const {
    if (wrong_.empty()) return {};
    return manifest_error(fmt::format("field '{}' is not as it should be", wrong_));
  }

 private:
  const Value& value_;
  std::string wrong_;
};

Result<ManifestFile> manifest_file(const Value& value) {
  Record in(value);
  ManifestFile made;
  made.path = in.need_text(500, "manifest_path");
  made.length = in.need_number(501, "manifest_length");
  made.spec_id = in.small(502, "partition_spec_id");
  made.content = in.small(517, "content");
  made.sequence_number = in.number(515, "sequence_number").value_or(0);
  made.min_sequence_number = in.number(516, "min_sequence_number").value_or(0);
  made.added_snapshot_id = in.need_number(503, "added_snapshot_id");
  made.added_files = in.small(504, "added_files_count");
  made.existing_files = in.small(505, "existing_files_count");
  made.deleted_files = in.small(506, "deleted_files_count");
  made.added_rows = in.number(512, "added_rows_count").value_or(0);
  made.existing_rows = in.number(513, "existing_rows_count").value_or(0);
  made.deleted_rows = in.number(514, "deleted_rows_count").value_or(0);
  made.key_metadata = in.text(519, "key_metadata");
  in.each(507, "partitions", [&](const Value& summary) {
    Record one(summary);
    PartitionSummary partition;
    const auto* const null = summary.field(509, "contains_null");
    partition.contains_null = null == nullptr || null->number != 0;
    if (const auto* const nan = summary.field(518, "contains_nan"))
      partition.contains_nan = nan->number != 0;
    partition.lower = one.text(510, "lower_bound");
    partition.upper = one.text(511, "upper_bound");
    if (!one.status().ok()) in.wrong("partitions");
    made.partitions.push_back(std::move(partition));
  });
  CAIRN_TRY(in.status());
  return made;
}

/// The data file of an entry; `plain` becomes false when it holds what we would lose.
Result<DataFile> data_file(const Value& value, const PartitionSpec& spec, std::string& path,
                           bool& plain) {
  Record in(value);
  DataFile made;
  path = in.need_text(100, "file_path");
  auto format = in.need_text(101, "file_format");
  std::transform(format.begin(), format.end(), format.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  plain = format == "parquet" && in.number(134, "content").value_or(0) == 0 &&
          !in.text(131, "key_metadata") && value.field(135, "equality_ids") == nullptr &&
          spec.understood;
  made.rows = in.need_number(103, "record_count");
  made.size_bytes = in.need_number(104, "file_size_in_bytes");
  if (made.rows < 0 || made.size_bytes < 0) in.wrong("record_count");
  made.column_sizes = in.map<int64_t>(108, 117, "column_sizes");
  made.value_counts = in.map<int64_t>(109, 119, "value_counts");
  made.null_counts = in.map<int64_t>(110, 121, "null_value_counts");
  made.lower_bounds = in.map<std::string>(125, 126, "lower_bounds");
  made.upper_bounds = in.map<std::string>(128, 129, "upper_bounds");
  in.each(132, "split_offsets",
          [&](const Value& offset) { made.split_offsets.push_back(offset.number); });
  if (value.field(140, "sort_order_id") != nullptr)
    made.sort_order_id = in.small(140, "sort_order_id");
  const auto* const partition = value.field(102, "partition");
  if (partition == nullptr && !spec.fields.empty()) in.wrong("partition");
  if (partition != nullptr) {
    Record days(*partition);
    for (const auto& one : spec.fields) {
      const auto* const found = partition->field(one.field_id, avro_name(one.name));
      made.partition_days.push_back(
          found == nullptr || found->kind != Kind::integer
              ? std::nullopt
              : std::optional(days.small(one.field_id, avro_name(one.name))));
    }
    CAIRN_TRY(days.status());
  }
  CAIRN_TRY(in.status());
  return made;
}

void put_optional(avro::Writer& out, std::optional<int64_t> value) {
  if (out.optional(value.has_value())) out.integer(*value);
}

void put_optional(avro::Writer& out, const std::optional<std::string>& value) {
  if (out.optional(value.has_value())) out.bytes(*value);
}

template <class V>
void put_map(avro::Writer& out, const ByField<V>& map) {
  if (!out.optional(!map.empty())) return;
  out.begin_array(map.size());
  for (const auto& [key, value] : map) {
    out.integer(key);
    if constexpr (std::is_same_v<V, std::string>) {
      out.bytes(value);
    } else {
      out.integer(value);
    }
  }
  out.end_array();
}

void put_entry(avro::Writer& out, const ManifestEntry& entry, size_t partition_fields) {
  out.integer(static_cast<int64_t>(entry.status));
  put_optional(out, std::optional(entry.snapshot_id));
  put_optional(out, entry.sequence_number);
  put_optional(out, entry.file_sequence_number);
  out.integer(0);  // content: data
  out.bytes(entry.path);
  out.bytes("PARQUET");
  for (size_t i = 0; i < partition_fields; ++i) {
    const auto day =
        i < entry.file.partition_days.size() ? entry.file.partition_days[i] : std::nullopt;
    put_optional(out, day ? std::optional<int64_t>(*day) : std::nullopt);
  }
  out.integer(entry.file.rows);
  out.integer(entry.file.size_bytes);
  put_map(out, entry.file.column_sizes);
  put_map(out, entry.file.value_counts);
  put_map(out, entry.file.null_counts);
  out.optional(false);  // nan_value_counts: there are no such columns
  put_map(out, entry.file.lower_bounds);
  put_map(out, entry.file.upper_bounds);
  out.optional(false);  // key_metadata
  if (out.optional(!entry.file.split_offsets.empty())) {
    out.begin_array(entry.file.split_offsets.size());
    for (const auto offset : entry.file.split_offsets) out.integer(offset);
    out.end_array();
  }
  out.optional(false);  // equality_ids
  put_optional(out, entry.file.sort_order_id ? std::optional<int64_t>(*entry.file.sort_order_id)
                                             : std::nullopt);
  out.end_record();
}

void count(ManifestFile& about, const ManifestEntry& entry) {
  switch (entry.status) {
    case EntryStatus::added:
      ++about.added_files;
      about.added_rows += entry.file.rows;
      break;
    case EntryStatus::existing:
      ++about.existing_files;
      about.existing_rows += entry.file.rows;
      break;
    case EntryStatus::deleted:
      ++about.deleted_files;
      about.deleted_rows += entry.file.rows;
      return;
  }
  about.min_sequence_number =
      std::min(about.min_sequence_number, entry.sequence_number.value_or(about.sequence_number));
}

/// Bounds over all entries, deleted ones too: readers of changes look for those.
std::vector<PartitionSummary> summarize(const std::vector<const ManifestEntry*>& entries,
                                        size_t fields) {
  std::vector<PartitionSummary> made(fields);
  for (size_t i = 0; i < fields; ++i) {
    std::optional<int32_t> least;
    std::optional<int32_t> most;
    for (const auto* entry : entries) {
      const auto& days = entry->file.partition_days;
      if (i >= days.size() || !days[i]) {
        made[i].contains_null = true;
        continue;
      }
      least = std::min(least.value_or(*days[i]), *days[i]);
      most = std::max(most.value_or(*days[i]), *days[i]);
    }
    made[i].contains_nan = false;
    if (least) made[i].lower = day_to_bytes(*least);
    if (most) made[i].upper = day_to_bytes(*most);
  }
  return made;
}

}  // namespace

std::string day_to_bytes(int32_t day) {
  std::string out;
  for (unsigned byte = 0; byte < 4; ++byte)
    out += static_cast<char>(static_cast<uint32_t>(day) >> (8 * byte) & 0xFF);
  return out;
}

std::optional<int32_t> day_from_bytes(std::string_view bytes) {
  if (bytes.size() != 4) return std::nullopt;
  uint32_t day = 0;
  for (unsigned byte = 0; byte < 4; ++byte)
    day |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[byte])) << (8 * byte);
  return static_cast<int32_t>(day);
}

Result<std::vector<ManifestFile>> read_manifest_list(std::string_view file) {
  std::vector<ManifestFile> manifests;
  auto header = avro::read(file, [&](const Value& value) -> Status {
    auto one = CAIRN_TRY(manifest_file(value));
    manifests.push_back(std::move(one));
    return {};
  });
  if (!header.ok()) return std::move(header).error();
  return manifests;
}

Status read_manifest(std::string_view file, const ManifestFile& from, const PartitionSpec& spec,
                     const std::function<Status(ManifestEntry)>& visit) {
  auto header = avro::read(file, [&](const Value& value) -> Status {
    Record in(value);
    ManifestEntry entry;
    const auto status = in.need_number(0, "status");
    if (status < 0 || status > 2) in.wrong("status");
    entry.status = static_cast<EntryStatus>(status);
    entry.snapshot_id = in.number(1, "snapshot_id").value_or(from.added_snapshot_id);
    entry.sequence_number = in.number(3, "sequence_number");
    entry.file_sequence_number = in.number(4, "file_sequence_number");
    if (entry.status == EntryStatus::added || from.sequence_number == 0) {
      if (!entry.sequence_number) entry.sequence_number = from.sequence_number;
      if (!entry.file_sequence_number) entry.file_sequence_number = from.sequence_number;
    }
    CAIRN_TRY(in.status());
    if (!entry.sequence_number) return manifest_error("an old entry has no sequence number");
    const auto* const data = value.field(2, "data_file");
    if (data == nullptr) return manifest_error("an entry has no data file");
    entry.file = CAIRN_TRY(data_file(*data, spec, entry.path, entry.plain));
    return visit(std::move(entry));
  });
  if (!header.ok()) return std::move(header).error();
  return {};
}

Result<WrittenManifest> write_manifest(const Metadata& metadata, int32_t spec_id,
                                       int64_t snapshot_id, int64_t sequence_number,
                                       const std::vector<const ManifestEntry*>& entries,
                                       io::Random& random) {
  const auto& spec = metadata.specs.at(spec_id);
  avro::Writer out(entry_schema(spec),
                   {{"schema", metadata.schema_text()},
                    {"schema-id", fmt::format("{}", metadata.schema_id)},
                    {"partition-spec", metadata.spec_text(spec_id)},
                    {"partition-spec-id", fmt::format("{}", spec_id)},
                    {"format-version", "2"},
                    {"content", "data"}},
                   random);
  WrittenManifest made;
  made.about.spec_id = spec_id;
  made.about.sequence_number = sequence_number;
  made.about.min_sequence_number = sequence_number;
  made.about.added_snapshot_id = snapshot_id;
  for (const auto* entry : entries) {
    put_entry(out, *entry, spec.fields.size());
    count(made.about, *entry);
  }
  made.about.partitions = summarize(entries, spec.fields.size());
  made.bytes = CAIRN_TRY(out.finish());
  made.about.length = static_cast<int64_t>(made.bytes.size());
  return made;
}

Result<std::string> write_manifest_list(const Snapshot& snapshot,
                                        const std::vector<ManifestFile>& manifests,
                                        io::Random& random) {
  avro::Writer out(
      list_schema(),
      {{"snapshot-id", fmt::format("{}", snapshot.id)},
       {"parent-snapshot-id",
        snapshot.parent_id ? fmt::format("{}", *snapshot.parent_id) : std::string("null")},
       {"sequence-number", fmt::format("{}", snapshot.sequence_number)},
       {"format-version", "2"}},
      random);
  for (const auto& manifest : manifests) {
    out.bytes(manifest.path);
    out.integer(manifest.length);
    out.integer(manifest.spec_id);
    out.integer(manifest.content);
    out.integer(manifest.sequence_number);
    out.integer(manifest.min_sequence_number);
    out.integer(manifest.added_snapshot_id);
    out.integer(manifest.added_files);
    out.integer(manifest.existing_files);
    out.integer(manifest.deleted_files);
    out.integer(manifest.added_rows);
    out.integer(manifest.existing_rows);
    out.integer(manifest.deleted_rows);
    if (out.optional(true)) {
      out.begin_array(manifest.partitions.size());
      for (const auto& partition : manifest.partitions) {
        out.boolean(partition.contains_null);
        if (out.optional(partition.contains_nan.has_value())) out.boolean(*partition.contains_nan);
        put_optional(out, partition.lower);
        put_optional(out, partition.upper);
      }
      out.end_array();
    }
    put_optional(out, manifest.key_metadata);
    out.end_record();
  }
  return out.finish();
}

}  // namespace cairn::store
