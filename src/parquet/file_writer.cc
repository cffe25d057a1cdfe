#include "parquet/file_writer.h"

#include "base/check.h"
#include "parquet/internal/column_meta.h"
#include "parquet/internal/thrift_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cairn::parquet {
namespace {

constexpr std::string_view kMagic = "PAR1";
/// In the form that parquet-java wants: it takes no bounds of texts from others.
constexpr std::string_view kCreatedBy = "cairn version " CAIRN_VERSION;
constexpr int32_t kZstd = 6;
constexpr int32_t kOptional = 1;
constexpr int32_t kRepeated = 2;
constexpr int32_t kUtf8 = 0;  // converted types, for old readers
constexpr int32_t kList = 3;

void write_type(ThriftWriter& out, Type type, bool physical) {
  if (physical) return out.i32(1, physical_type(type));
  if (type == Type::string) out.i32(6, kUtf8);
}

void write_logical_type(ThriftWriter& out, Type type) {
  if (type == Type::string) {
    out.begin(10);
    out.begin(1);
    out.end();
    out.end();
  } else if (type == Type::timestamp_us) {
    out.begin(10);
    out.begin(8);
    out.boolean(1, false);  // not adjusted
    out.begin(2);
    out.begin(2);  // microseconds
    out.end();
    out.end();
    out.end();
    out.end();
  }
}

void write_leaf(ThriftWriter& out, std::string_view name, Type type, int32_t id) {
  out.begin_element();
  write_type(out, type, true);
  out.i32(3, kOptional);
  out.binary(4, name);
  write_type(out, type, false);
  out.i32(9, id);
  write_logical_type(out, type);
  out.end();
}

void write_field(ThriftWriter& out, const Field& field) {
  if (field.children.empty() && !field.list)
    return write_leaf(out, field.name, field.type, field.id);
  out.begin_element();
  out.i32(3, kOptional);
  out.binary(4, field.name);
  out.i32(5, field.list ? 1 : static_cast<int32_t>(field.children.size()));
  if (field.list) out.i32(6, kList);
  out.i32(9, field.id);
  if (field.list) {
    out.begin(10);
    out.begin(3);
    out.end();
    out.end();
  }
  out.end();
  for (const auto& child : field.children) write_field(out, child);
  if (!field.list) return;
  out.begin_element();
  out.i32(3, kRepeated);
  out.binary(4, "list");
  out.i32(5, 1);
  out.end();
  write_leaf(out, "element", field.type, field.element_id);
}

size_t count_elements(const Field& field) {
  size_t count = field.list ? 3 : 1;
  for (const auto& child : field.children) count += count_elements(child);
  return count;
}

struct Chunk {
  std::shared_ptr<const EncodedColumn::Meta> meta;
  ColumnStatistics statistics;
  int64_t at = 0;
  int64_t bloom_at = 0;
  int32_t bloom_bytes = 0;
};

struct RowGroup {
  std::vector<Chunk> chunks;
  int64_t rows = 0;
  int64_t at = 0;
};

void write_statistics(ThriftWriter& out, const Chunk& chunk) {
  const auto& statistics = chunk.statistics;
  out.begin(12);
  out.i64(3, statistics.nulls);
  if (statistics.max) out.binary(5, *statistics.max);
  if (statistics.min) out.binary(6, *statistics.min);
  if (statistics.max) out.boolean(7, chunk.meta->max_is_exact);
  if (statistics.min) out.boolean(8, chunk.meta->min_is_exact);
  out.end();
}

void write_chunk(ThriftWriter& out, const Leaf& leaf, const Chunk& chunk) {
  out.begin_element();
  out.i64(2, 0);  // deprecated, and required
  out.begin(3);
  out.i32(1, physical_type(leaf.field.type));
  out.list(2, ThriftType::i32, chunk.meta->encodings.size());
  for (const auto encoding : chunk.meta->encodings) out.number(encoding);
  out.list(3, ThriftType::binary, leaf.path.size());
  for (const auto& name : leaf.path) out.bytes(name);
  out.i32(4, kZstd);
  out.i64(5, chunk.meta->values);
  out.i64(6, chunk.meta->uncompressed_bytes);
  out.i64(7, chunk.statistics.bytes);
  out.i64(9, chunk.at + chunk.meta->data_page_at);
  if (chunk.meta->has_dictionary) out.i64(11, chunk.at);
  write_statistics(out, chunk);
  if (chunk.bloom_bytes > 0) {
    out.i64(14, chunk.bloom_at);
    out.i32(15, chunk.bloom_bytes);
  }
  out.end();
  out.end();
}

/// Whether bound `a` is below bound `b`, both plain-encoded.
bool below(const std::string& a, const std::string& b, Type type) {
  if (type == Type::string || type == Type::boolean) return a < b;
  const auto number = [](const std::string& bytes) {
    int64_t wide = 0;
    int32_t narrow = 0;
    if (bytes.size() == sizeof narrow) {
      std::memcpy(&narrow, bytes.data(), sizeof narrow);
      return static_cast<int64_t>(narrow);
    }
    std::memcpy(&wide, bytes.data(), std::min(bytes.size(), sizeof wide));
    return wide;
  };
  return number(a) < number(b);
}

}  // namespace

struct FileWriter::State {
  std::vector<Field> fields;
  FileOptions options;
  Sink sink;
  std::vector<Leaf> leaves;
  std::vector<RowGroup> groups;
  uint64_t at = 0;

  Status write(std::string_view bytes) {
    CAIRN_TRY(sink(bytes));
    at += bytes.size();
    return {};
  }

  std::string footer() const;
  void write_group(ThriftWriter& out, size_t index) const;
  FileStatistics statistics() const;
};

void FileWriter::State::write_group(ThriftWriter& out, size_t index) const {
  const auto& group = groups[index];
  int64_t uncompressed = 0;
  int64_t compressed = 0;
  for (const auto& chunk : group.chunks) {
    uncompressed += chunk.meta->uncompressed_bytes;
    compressed += chunk.statistics.bytes;
  }
  out.begin_element();
  out.list(1, ThriftType::structure, group.chunks.size());
  for (size_t i = 0; i < group.chunks.size(); ++i) write_chunk(out, leaves[i], group.chunks[i]);
  out.i64(2, uncompressed);
  out.i64(3, group.rows);
  if (!options.sorted_by.empty()) {
    out.list(4, ThriftType::structure, options.sorted_by.size());
    for (const int column : options.sorted_by) {
      out.begin_element();
      out.i32(1, column);
      out.boolean(2, false);  // not descending
      out.boolean(3, true);   // nulls first
      out.end();
    }
  }
  out.i64(5, group.at);
  out.i64(6, compressed);
  out.i16(7, static_cast<int16_t>(index));
  out.end();
}

std::string FileWriter::State::footer() const {
  ThriftWriter out;
  out.i32(1, 2);
  size_t elements = 1;
  int64_t rows = 0;
  for (const auto& field : fields) elements += count_elements(field);
  for (const auto& group : groups) rows += group.rows;
  out.list(2, ThriftType::structure, elements);
  out.begin_element();
  out.binary(4, "schema");
  out.i32(5, static_cast<int32_t>(fields.size()));
  out.end();
  for (const auto& field : fields) write_field(out, field);
  out.i64(3, rows);
  out.list(4, ThriftType::structure, groups.size());
  for (size_t i = 0; i < groups.size(); ++i) write_group(out, i);
  if (!options.metadata.empty()) {
    out.list(5, ThriftType::structure, options.metadata.size());
    for (const auto& [key, value] : options.metadata) {
      out.begin_element();
      out.binary(1, key);
      out.binary(2, value);
      out.end();
    }
  }
  out.binary(6, kCreatedBy);
  out.list(7, ThriftType::structure, leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) {
    out.begin_element();
    out.begin(1);  // the type's own order
    out.end();
    out.end();
  }
  return out.take();
}

FileStatistics FileWriter::State::statistics() const {
  FileStatistics made;
  made.bytes = at;
  made.columns.resize(leaves.size());
  for (const auto& group : groups) {
    made.rows += group.rows;
    made.row_group_offsets.push_back(group.at);
    for (size_t i = 0; i < leaves.size(); ++i) {
      const auto& of_group = group.chunks[i].statistics;
      auto& all = made.columns[i];
      const bool first = all.values == all.nulls;
      const bool empty = of_group.values == of_group.nulls;
      all.values += of_group.values;
      all.nulls += of_group.nulls;
      all.bytes += of_group.bytes;
      if (empty) continue;
      const auto type = leaves[i].field.type;
      // A group without a bound has values that no bound covers.
      if (first || (all.min && of_group.min && below(*of_group.min, *all.min, type)) ||
          !of_group.min)
        all.min = of_group.min;
      if (first || (all.max && of_group.max && below(*all.max, *of_group.max, type)) ||
          !of_group.max)
        all.max = of_group.max;
    }
  }
  return made;
}

FileWriter::FileWriter(std::vector<Field> fields, FileOptions options, Sink sink)
    : state_(new State{std::move(fields), std::move(options), std::move(sink), {}, {}, 0}) {
  state_->leaves = leaves_of(state_->fields);
}

FileWriter::FileWriter(FileWriter&&) noexcept = default;
FileWriter& FileWriter::operator=(FileWriter&&) noexcept = default;
FileWriter::~FileWriter() = default;

Status FileWriter::add_row_group(std::vector<EncodedColumn> columns, int64_t rows) {
  auto& state = *state_;
  CAIRN_CHECK(columns.size() == state.leaves.size());
  if (state.groups.size() >= INT16_MAX)
    return Error{ErrorKind::exhausted, "a Parquet file takes 32,767 row groups at most"};
  if (state.at == 0) CAIRN_TRY(state.write(kMagic));
  RowGroup group;
  group.rows = rows;
  group.at = static_cast<int64_t>(state.at);
  for (auto& column : columns) {
    group.chunks.push_back(
        {column.meta, std::move(column.statistics), static_cast<int64_t>(state.at), 0, 0});
    CAIRN_TRY(state.write(column.pages));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].bloom_filter.empty()) continue;
    group.chunks[i].bloom_at = static_cast<int64_t>(state.at);
    group.chunks[i].bloom_bytes = static_cast<int32_t>(columns[i].bloom_filter.size());
    CAIRN_TRY(state.write(columns[i].bloom_filter));
  }
  state.groups.push_back(std::move(group));
  return {};
}

Result<FileStatistics> FileWriter::finish() {
  auto& state = *state_;
  if (state.at == 0) CAIRN_TRY(state.write(kMagic));
  std::string footer = state.footer();
  const auto size = static_cast<uint32_t>(footer.size());
  footer.append(reinterpret_cast<const char*>(&size), sizeof size);
  footer.append(kMagic);
  CAIRN_TRY(state.write(footer));
  return state.statistics();
}

}  // namespace cairn::parquet
