#include "parquet/column_builder.h"

#include "parquet/internal/bloom_filter.h"
#include "parquet/internal/column_meta.h"
#include "parquet/internal/encoders.h"
#include "parquet/internal/thrift_writer.h"
#include "parquet/internal/value_store.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

namespace cairn::parquet {
namespace {

constexpr size_t kBoundBytesMax = 64;

enum PageType : int32_t { data_page = 0, dictionary_page = 2 };

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

void append_length(std::string& out, size_t size) {
  const auto length = static_cast<uint32_t>(size);
  out.append(reinterpret_cast<const char*>(&length), sizeof length);
}

void append_plain(std::string& out, std::string_view value) {
  append_length(out, value.size());
  out.append(value);
}

/// The longest start of a UTF-8 text that fits, without a cut character.
std::string_view cut(std::string_view text) {
  if (text.size() <= kBoundBytesMax) return text;
  size_t end = kBoundBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

/// Something not below any text that begins with `start`: its last ASCII character that has a
/// successor is raised, and what follows dropped.
std::optional<std::string> raised(std::string_view start) {
  for (size_t end = start.size(); end > 0; --end) {
    const char last = start[end - 1];
    if (static_cast<unsigned char>(last) >= 0x7E) continue;
    std::string made(start.substr(0, end));
    ++made.back();
    return made;
  }
  return std::nullopt;
}

std::string plain_number(int64_t value, Type type) {
  const size_t size = type == Type::int32 ? sizeof(int32_t) : sizeof value;
  return {reinterpret_cast<const char*>(&value), size};
}

}  // namespace

PhysicalType physical_type(Type type) {
  switch (type) {
    case Type::boolean:
      return physical_boolean;
    case Type::int32:
      return physical_int32;
    case Type::int64:
    case Type::timestamp_us:
      return physical_int64;
    case Type::string:
      return physical_bytes;
  }
  return physical_bytes;
}

struct ColumnBuilder::State {
  State(Leaf of, EncodingOptions with)
      : leaf(std::move(of)), options(with), strings(with.dictionary_bytes_max) {}

  Leaf leaf;
  EncodingOptions options;
  std::unique_ptr<ZSTD_CCtx, FreeContext> zstd;

  size_t rows = 0;
  std::vector<uint8_t> definitions;  ///< per value or null
  std::vector<uint8_t> repetitions;  ///< of lists
  StringStore strings;
  std::vector<int64_t> numbers;
  std::vector<uint8_t> booleans;

  std::string page;        ///< reused
  std::string compressed;  ///< reused

  size_t levels() const { return definitions.size(); }

  size_t values() const { return strings.values() + numbers.size() + booleans.size(); }

  bool uses_dictionary() const { return strings.has_dictionary() && strings.values() > 0; }

  void define(int16_t level) { definitions.push_back(static_cast<uint8_t>(level)); }

  void clear();
  Status write_page(EncodedColumn& column, EncodedColumn::Meta& meta, PageType type, size_t values,
                    Encoding encoding);
  Status write_dictionary(EncodedColumn& column, EncodedColumn::Meta& meta);
  Status write_data(EncodedColumn& column, EncodedColumn::Meta& meta);
  void append_levels(size_t from, size_t to);
  void append_values(size_t from, size_t to);
  size_t value_bytes(size_t value) const;
  void make_bounds(EncodedColumn& column, EncodedColumn::Meta& meta) const;
  std::string bloom_filter() const;
  Encoding value_encoding() const;
};

void ColumnBuilder::State::clear() {
  rows = 0;
  definitions.clear();
  repetitions.clear();
  strings.clear();
  numbers.clear();
  booleans.clear();
}

Encoding ColumnBuilder::State::value_encoding() const {
  switch (leaf.field.type) {
    case Type::string:
      return uses_dictionary() ? rle_dictionary : delta_length_byte_array;
    case Type::int32:
    case Type::int64:
    case Type::timestamp_us:
      return delta_binary_packed;
    case Type::boolean:
      return plain;
  }
  return plain;
}

// Compresses `page` and appends it with its header. Pages are of version 1, which every reader
// knows. The checksum within the zstd frame finds damage.
Status ColumnBuilder::State::write_page(EncodedColumn& column, EncodedColumn::Meta& meta,
                                        PageType type, size_t values, Encoding encoding) {
  if (page.size() > INT32_MAX)
    return Error{ErrorKind::exhausted,
                 fmt::format("a page of column {} has more than 2 GiB", leaf.field.name)};
  if (zstd == nullptr) {
    zstd.reset(ZSTD_createCCtx());
    if (zstd == nullptr) return Error{ErrorKind::exhausted, "no memory for compression"};
    ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, options.zstd_level);
    ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_checksumFlag, 1);
  }
  compressed.resize(ZSTD_compressBound(page.size()));
  const size_t size =
      ZSTD_compress2(zstd.get(), compressed.data(), compressed.size(), page.data(), page.size());
  if (ZSTD_isError(size) != 0)
    return Error{ErrorKind::exhausted,
                 fmt::format("cannot compress a page: {}", ZSTD_getErrorName(size))};
  ThriftWriter header;
  header.i32(1, type);
  header.i32(2, static_cast<int32_t>(page.size()));
  header.i32(3, static_cast<int32_t>(size));
  header.begin(type == data_page ? 5 : 7);
  header.i32(1, static_cast<int32_t>(values));
  header.i32(2, encoding);
  if (type == data_page) {
    header.i32(3, rle);
    header.i32(4, rle);
  }
  header.end();
  const std::string bytes = header.take();
  column.pages.append(bytes).append(compressed.data(), size);
  meta.uncompressed_bytes += static_cast<int64_t>(bytes.size() + page.size());
  return {};
}

Status ColumnBuilder::State::write_dictionary(EncodedColumn& column, EncodedColumn::Meta& meta) {
  page.clear();
  for (size_t i = 0; i < strings.entries(); ++i) append_plain(page, strings.entry(i));
  CAIRN_TRY(write_page(column, meta, dictionary_page, strings.entries(), plain));
  meta.has_dictionary = true;
  meta.data_page_at = static_cast<int64_t>(column.pages.size());
  return {};
}

size_t ColumnBuilder::State::value_bytes(size_t value) const {
  if (leaf.field.type != Type::string || uses_dictionary()) return sizeof(uint32_t);
  return strings.entry(value).size() + sizeof(uint32_t);
}

// A page ends when it is full, between two rows.
Status ColumnBuilder::State::write_data(EncodedColumn& column, EncodedColumn::Meta& meta) {
  const auto present = static_cast<uint8_t>(leaf.definition_max);
  size_t level = 0;
  size_t value = 0;
  while (level < levels()) {
    const size_t first_level = level;
    const size_t first_value = value;
    size_t bytes = 0;
    for (; level < levels(); ++level) {
      const bool row_begins = leaf.repetition_max == 0 || repetitions[level] == 0;
      if (bytes >= options.page_bytes && row_begins) break;
      if (definitions[level] == present) bytes += value_bytes(value++);
    }
    page.clear();
    append_levels(first_level, level);
    append_values(first_value, value);
    CAIRN_TRY(write_page(column, meta, data_page, level - first_level, value_encoding()));
  }
  return {};
}

void ColumnBuilder::State::append_levels(size_t from, size_t to) {
  const auto append = [&](const std::vector<uint8_t>& all, int16_t max) {
    const size_t at = page.size();
    append_length(page, 0);
    append_hybrid(page, std::span(all).subspan(from, to - from),
                  bits_for(static_cast<uint64_t>(max)));
    const auto size = static_cast<uint32_t>(page.size() - at - sizeof(uint32_t));
    std::memcpy(page.data() + at, &size, sizeof size);
  };
  if (leaf.repetition_max > 0) append(repetitions, leaf.repetition_max);
  append(definitions, leaf.definition_max);
}

void ColumnBuilder::State::append_values(size_t from, size_t to) {
  switch (leaf.field.type) {
    case Type::boolean:
      return append_bits(page, std::span(booleans).subspan(from, to - from));
    case Type::int32:
    case Type::int64:
    case Type::timestamp_us:
      return append_delta(page, std::span(numbers).subspan(from, to - from),
                          leaf.field.type == Type::int32 ? 32 : 64);
    case Type::string:
      break;
  }
  if (uses_dictionary()) {
    const int bits = bits_for(strings.entries() - 1);
    page += static_cast<char>(bits);
    return append_hybrid(page, strings.indices().subspan(from, to - from), bits);
  }
  std::vector<int64_t> lengths(to - from);
  for (size_t i = from; i < to; ++i)
    lengths[i - from] = static_cast<int64_t>(strings.entry(i).size());
  append_delta(page, lengths);
  page.append(strings.run(from, to));
}

void ColumnBuilder::State::make_bounds(EncodedColumn& column, EncodedColumn::Meta& meta) const {
  auto& statistics = column.statistics;
  if (leaf.field.type == Type::string && strings.values() > 0) {
    std::string_view min = strings.entry(0);
    std::string_view max = min;
    for (size_t i = 1; i < strings.entries(); ++i) {
      const auto entry = strings.entry(i);
      if (entry < min) min = entry;
      if (entry > max) max = entry;
    }
    statistics.min = std::string(cut(min));
    meta.min_is_exact = statistics.min->size() == min.size();
    meta.max_is_exact = max.size() <= kBoundBytesMax;
    statistics.max = meta.max_is_exact ? std::string(max) : raised(cut(max));
  } else if (!numbers.empty()) {
    const auto [min, max] = std::minmax_element(numbers.begin(), numbers.end());
    statistics.min = plain_number(*min, leaf.field.type);
    statistics.max = plain_number(*max, leaf.field.type);
  } else if (!booleans.empty()) {
    const auto [min, max] = std::minmax_element(booleans.begin(), booleans.end());
    statistics.min = std::string(1, static_cast<char>(*min));
    statistics.max = std::string(1, static_cast<char>(*max));
  }
}

std::string ColumnBuilder::State::bloom_filter() const {
  if (!leaf.field.bloom || leaf.field.type != Type::string || strings.values() == 0) return {};
  std::vector<uint64_t> hashes(strings.entries());
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto entry = strings.entry(i);
    hashes[i] = bloom_hash(entry.data(), entry.size());
  }
  return make_bloom_filter(hashes, options.bloom_false_positives);
}

ColumnBuilder::ColumnBuilder(Leaf leaf, EncodingOptions options)
    : state_(std::make_unique<State>(std::move(leaf), options)) {}

ColumnBuilder::ColumnBuilder(ColumnBuilder&&) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&&) noexcept = default;
ColumnBuilder::~ColumnBuilder() = default;

void ColumnBuilder::append(std::string_view value) {
  ++state_->rows;
  state_->define(state_->leaf.definition_max);
  state_->strings.add(value);
}

void ColumnBuilder::append_int(int64_t value) {
  ++state_->rows;
  state_->define(state_->leaf.definition_max);
  state_->numbers.push_back(value);
}

void ColumnBuilder::append_bool(bool value) {
  ++state_->rows;
  state_->define(state_->leaf.definition_max);
  state_->booleans.push_back(value ? 1 : 0);
}

void ColumnBuilder::append_list(std::span<const std::string_view> elements) {
  auto& state = *state_;
  ++state.rows;
  if (elements.empty()) {
    state.repetitions.push_back(0);
    return state.define(static_cast<int16_t>(state.leaf.definition_max - 2));
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    state.repetitions.push_back(i == 0 ? 0 : 1);
    state.define(state.leaf.definition_max);
    state.strings.add(elements[i]);
  }
}

void ColumnBuilder::append_null(int16_t definition_level) {
  auto& state = *state_;
  ++state.rows;
  state.define(definition_level);
  if (state.leaf.repetition_max > 0) state.repetitions.push_back(0);
}

size_t ColumnBuilder::rows() const {
  return state_->rows;
}

size_t ColumnBuilder::bytes() const {
  const auto& state = *state_;
  return state.definitions.capacity() + state.repetitions.capacity() + state.strings.bytes() +
         state.numbers.capacity() * sizeof(int64_t) + state.booleans.capacity();
}

Result<EncodedColumn> ColumnBuilder::finish() {
  auto& state = *state_;
  EncodedColumn column;
  const auto meta = std::make_shared<EncodedColumn::Meta>();
  state.strings.settle();
  column.statistics.values = static_cast<int64_t>(state.levels());
  column.statistics.nulls = static_cast<int64_t>(state.levels() - state.values());
  meta->values = static_cast<int64_t>(state.levels());
  const bool dictionary = state.uses_dictionary();
  if (dictionary) CAIRN_TRY(state.write_dictionary(column, *meta));
  CAIRN_TRY(state.write_data(column, *meta));
  meta->encodings = {rle, state.value_encoding()};
  if (dictionary) meta->encodings.push_back(plain);
  state.make_bounds(column, *meta);
  column.bloom_filter = state.bloom_filter();
  column.statistics.bytes = static_cast<int64_t>(column.pages.size());
  column.meta = meta;
  state.clear();
  return column;
}

}  // namespace cairn::parquet
