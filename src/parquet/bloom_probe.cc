#include "parquet/bloom_probe.h"

#include "parquet/internal/bloom_filter.h"
#include "parquet/internal/thrift_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cairn::parquet {
namespace {

constexpr std::string_view kFileEnd = "PAR1";
constexpr uint64_t kTailBytes = 128 * 1024;  ///< holds most footers whole
constexpr uint64_t kFooterMax = 256'000'000;
constexpr uint64_t kHeaderMax = 64;

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

Error no_parquet() {
  return Error{ErrorKind::corrupt, "not a whole Parquet file"};
}

/// The footer's metadata.
Result<std::string> read_footer(const ReadRange& read, uint64_t size) {
  if (size < 12) return no_parquet();
  const uint64_t tail_bytes = std::min(size, kTailBytes);
  auto tail = CAIRN_TRY(read(size - tail_bytes, tail_bytes));
  if (tail.size() != tail_bytes || !tail.ends_with(kFileEnd)) return no_parquet();
  const uint64_t length = little_endian(std::string_view(tail).substr(tail.size() - 8));
  if (length > kFooterMax || length + 12 > size) return no_parquet();
  if (length + 8 <= tail.size()) return tail.substr(tail.size() - 8 - length, length);
  auto footer = CAIRN_TRY(read(size - 8 - length, length));
  if (footer.size() != length) return no_parquet();
  return footer;
}

}  // namespace

Result<BloomProbe> BloomProbe::open(ReadRange read, uint64_t size) {
  const auto footer = CAIRN_TRY(read_footer(read, size));
  BloomProbe probe(std::move(read));
  ThriftReader reader(footer);
  const auto read_meta = [&](Column& column) {  // ColumnMetaData
    reader.structure([&](int16_t id, uint8_t type) {
      if (id == 3 && type == 9)
        reader.list([&](uint8_t) {
          if (!column.path.empty()) column.path += '.';
          column.path += reader.binary();
        });
      else if (id == 14 && type == 6)
        column.filter.offset = static_cast<uint64_t>(reader.zigzag());
      else if (id == 15 && type == 5)
        column.filter.length = static_cast<uint64_t>(reader.zigzag());
      else
        reader.skip(type);
    });
  };
  const auto read_chunk = [&](std::vector<Column>& columns) {
    Column column;
    reader.structure([&](int16_t id, uint8_t type) {
      id == 3 && type == 12 ? read_meta(column) : reader.skip(type);
    });
    if (column.filter.length > 0) columns.push_back(std::move(column));
  };
  reader.structure([&](int16_t id, uint8_t type) {
    if (id != 4 || type != 9) return reader.skip(type);
    reader.list([&](uint8_t) {
      auto& columns = probe.row_groups_.emplace_back();
      reader.structure([&](int16_t field, uint8_t field_type) {
        if (field != 1 || field_type != 9) return reader.skip(field_type);
        reader.list([&](uint8_t) { read_chunk(columns); });
      });
    });
  });
  if (reader.failed()) return no_parquet();
  return probe;
}

Result<bool> BloomProbe::may_hold(std::string_view path,
                                  std::span<const std::string> values) const {
  for (const auto& columns : row_groups_) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& known) { return known.path == path; });
    if (column == columns.end()) return true;
    for (const auto& value : values) {
      const bool holds =
          CAIRN_TRY(block_holds(column->filter, bloom_hash(value.data(), value.size())));
      if (holds) return true;
    }
  }
  return false;
}

// The bits lie at the end of the filter, and their number of bytes is a power of two, as every
// writer's that we know.
Result<bool> BloomProbe::block_holds(const BloomLocation& filter, uint64_t hash) const {
  const uint64_t bytes = std::bit_floor(filter.length);
  if (filter.length - bytes > kHeaderMax || bytes < kBloomBlockBytes) return true;
  const uint64_t block = (hash >> 32) * (bytes / kBloomBlockBytes) >> 32;
  const auto words = CAIRN_TRY(
      read_(filter.offset + (filter.length - bytes) + block * kBloomBlockBytes, kBloomBlockBytes));
  if (words.size() != kBloomBlockBytes) return no_parquet();
  return bloom_block_holds(words, hash);
}

}  // namespace cairn::parquet
