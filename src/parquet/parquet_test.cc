#include "parquet/file_writer.h"
#include "parquet/internal/bloom_filter.h"
#include "parquet/internal/encoders.h"
#include "parquet/internal/value_store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace cairn::parquet {
namespace {

/// Plain decoders, written from the format and not from our encoders.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_++));
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }

  int64_t zigzag() {
    const uint64_t value = varint();
    return static_cast<int64_t>(value >> 1 ^ (0 - (value & 1)));
  }

  std::vector<uint64_t> packed(size_t count, int bits) {
    std::vector<uint64_t> values(count);
    for (size_t bit = 0; bit < count * static_cast<size_t>(bits); ++bit) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_ + bit / 8));
      values[bit / static_cast<size_t>(bits)] |= static_cast<uint64_t>(byte >> (bit % 8) & 1)
                                                 << (bit % static_cast<size_t>(bits));
    }
    at_ += (count * static_cast<size_t>(bits) + 7) / 8;
    return values;
  }

  std::vector<uint32_t> hybrid(size_t count, int bits) {
    std::vector<uint32_t> values;
    while (values.size() < count) {
      const uint64_t header = varint();
      if ((header & 1) != 0) {
        for (const uint64_t value : packed((header >> 1) * 8, bits))
          if (values.size() < count) values.push_back(static_cast<uint32_t>(value));
        continue;
      }
      uint32_t value = 0;
      for (int shift = 0; shift < bits; shift += 8)
        value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes_.at(at_++))) << shift;
      values.insert(values.end(), header >> 1, value);
    }
    return values;
  }

  std::vector<int64_t> delta(int bits_max = 64) {
    const uint64_t block = varint();
    const uint64_t miniblocks = varint();
    const uint64_t count = varint();
    auto value = static_cast<uint64_t>(zigzag());
    std::vector<int64_t> values;
    if (count > 0) values.push_back(static_cast<int64_t>(value));
    while (values.size() < count) {
      const auto smallest = static_cast<uint64_t>(zigzag());
      const std::string_view widths = bytes_.substr(at_, miniblocks);
      at_ += miniblocks;
      for (size_t i = 0; i < miniblocks && values.size() < count; ++i) {
        const int width = static_cast<unsigned char>(widths[i]);
        EXPECT_LE(width, bits_max);
        const auto deltas = width == 0 ? std::vector<uint64_t>(block / miniblocks)
                                       : packed(block / miniblocks, width);
        for (const uint64_t delta : deltas) {
          if (values.size() == count) break;
          value += delta + smallest;
          values.push_back(static_cast<int64_t>(value));
        }
      }
    }
    return values;
  }

  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

TEST(Encoders, hybrid_gives_its_values_back) {
  rc::check("any values", [] {
    const int bits = *rc::gen::inRange(1, 21);
    // Runs and single values, as columns have them.
    std::vector<uint32_t> values;
    for (const auto& [value, count] : *rc::gen::container<std::vector<std::pair<uint32_t, int>>>(
             rc::gen::pair(rc::gen::inRange<uint32_t>(0, 1U << bits), rc::gen::inRange(1, 20))))
      values.insert(values.end(), static_cast<size_t>(count), value);
    std::string out;
    append_hybrid(out, values, bits);
    Reader reader(out);
    RC_ASSERT(reader.hybrid(values.size(), bits) == values);
    RC_ASSERT(reader.at_end());
  });
}

TEST(Encoders, delta_gives_its_values_back) {
  const auto check = [](const std::vector<int64_t>& values) {
    std::string out;
    append_delta(out, values);
    Reader reader(out);
    EXPECT_EQ(reader.delta(), values);
    EXPECT_TRUE(reader.at_end());
  };
  check({});
  check({7});
  check({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), 0, -1});
  check(std::vector<int64_t>(1000, 5));
  rc::check("any values", [&](const std::vector<int64_t>& values) { check(values); });
  rc::check("small steps", [&](std::vector<int16_t> steps) {
    std::vector<int64_t> values;
    int64_t value = 1'700'000'000'000'000;
    for (const int16_t step : steps) values.push_back(value += step);
    check(values);
  });
}

// pyarrow refuses an INT32 page whose differences need 33 bits.
TEST(Encoders, delta_of_narrow_integers_wraps_at_32_bits) {
  const auto check = [](const std::vector<int32_t>& narrow) {
    const std::vector<int64_t> values(narrow.begin(), narrow.end());
    std::string out;
    append_delta(out, values, 32);
    Reader reader(out);
    std::vector<int32_t> read;
    for (const int64_t value : reader.delta(32)) read.push_back(static_cast<int32_t>(value));
    EXPECT_EQ(read, narrow);
    EXPECT_TRUE(reader.at_end());
  };
  constexpr auto kMin = std::numeric_limits<int32_t>::min();
  constexpr auto kMax = std::numeric_limits<int32_t>::max();
  check({kMin, kMax, 0, kMax, kMin, -1, 5});
  rc::check("any values", [&](const std::vector<int32_t>& values) { check(values); });
}

TEST(StringStore, keeps_a_dictionary_only_while_values_repeat) {
  StringStore few(1'000'000);
  StringStore many(1'000'000);
  for (int i = 0; i < 10'000; ++i) {
    few.add("value" + std::to_string(i % 100));
    many.add("value" + std::to_string(i));
  }
  few.settle();
  many.settle();
  EXPECT_TRUE(few.has_dictionary());
  EXPECT_EQ(few.entries(), 100U);
  EXPECT_FALSE(many.has_dictionary());
  ASSERT_EQ(many.values(), 10'000U);
  EXPECT_EQ(many.entry(0), "value0");
  EXPECT_EQ(many.entry(9'999), "value9999");
  EXPECT_EQ(many.run(1, 3), "value1value2");
}

TEST(BloomFilter, size_follows_the_number_of_values) {
  const std::vector<uint64_t> none;
  EXPECT_LT(make_bloom_filter(none, 0.05).size(), 60U);
  std::vector<uint64_t> hashes(65'536);
  for (size_t i = 0; i < hashes.size(); ++i)
    hashes[i] = bloom_hash(reinterpret_cast<const char*>(&i), sizeof i);
  const size_t size = make_bloom_filter(hashes, 0.05).size();
  EXPECT_GE(size, 65'536U);
  EXPECT_LT(size, 65'536U + 64);
  EXPECT_GE(make_bloom_filter(hashes, 0.01).size(), 65'536U * 2);
}

ColumnStatistics statistics_of(const std::vector<std::string>& values) {
  ColumnBuilder builder(leaves_of({Field{.name = "s", .id = 1}}).front(), {});
  for (const auto& value : values) builder.append(value);
  builder.append_null(0);
  auto column = builder.finish();
  EXPECT_TRUE(column.ok());
  return column.value().statistics;
}

TEST(ColumnBuilder, bounds_hold_all_values) {
  auto statistics = statistics_of({"b", "a", "c"});
  EXPECT_EQ(statistics.values, 4);
  EXPECT_EQ(statistics.nulls, 1);
  EXPECT_EQ(statistics.min, "a");
  EXPECT_EQ(statistics.max, "c");
  const std::string long_text(200, 'x');
  statistics = statistics_of({long_text});
  EXPECT_EQ(statistics.min, long_text.substr(0, 64));
  ASSERT_TRUE(statistics.max.has_value());
  EXPECT_GT(*statistics.max, long_text);
  EXPECT_EQ(statistics_of({std::string(200, '\x7f')}).max, std::nullopt);
  EXPECT_EQ(statistics_of({}).min, std::nullopt);
  // A cut falls between characters, not within one.
  const auto umlauts = statistics_of({std::string(63, 'a') + "\xC3\xA4" + std::string(9, 'b')});
  EXPECT_EQ(umlauts.min, std::string(63, 'a'));
}

TEST(FileWriter, begins_and_ends_as_the_format_says) {
  const std::vector<Field> fields{Field{.name = "n", .id = 1, .type = Type::int64}};
  std::string bytes;
  FileWriter writer(fields, {}, [&](std::string_view part) {
    bytes.append(part);
    return Status{};
  });
  for (int group = 0; group < 2; ++group) {
    ColumnBuilder builder(leaves_of(fields).front(), {});
    for (int i = 0; i < 10; ++i) builder.append_int(group * 10 - i);
    auto column = builder.finish();
    ASSERT_TRUE(column.ok());
    std::vector<EncodedColumn> columns;
    columns.push_back(std::move(column).value());
    ASSERT_TRUE(writer.add_row_group(std::move(columns), 10).ok());
  }
  const auto statistics = writer.finish();
  ASSERT_TRUE(statistics.ok());
  EXPECT_TRUE(bytes.starts_with("PAR1"));
  EXPECT_TRUE(bytes.ends_with("PAR1"));
  EXPECT_EQ(statistics.value().bytes, bytes.size());
  EXPECT_EQ(statistics.value().rows, 20);
  EXPECT_EQ(statistics.value().row_group_offsets.size(), 2U);
  int64_t min = 0;
  std::memcpy(&min, statistics.value().columns[0].min.value_or("").data(), sizeof min);
  EXPECT_EQ(min, -9);
}

TEST(FileWriter, a_full_disk_is_told) {
  FileWriter writer({Field{.name = "n", .id = 1}}, {}, [](std::string_view) {
    return Status(Error{ErrorKind::unavailable, "no space left"});
  });
  EXPECT_FALSE(writer.finish().ok());
}

}  // namespace
}  // namespace cairn::parquet
