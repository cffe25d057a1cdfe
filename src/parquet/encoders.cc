#include "parquet/internal/encoders.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace cairn::parquet {
namespace {

constexpr size_t kGroup = 8;

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void append_zigzag(std::string& out, int64_t value) {
  append_varint(out, static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
}

/// Least significant bit first.
class BitPacker {
 public:
  explicit BitPacker(std::string& out) : out_(out) {}

  void add(uint64_t value, int bits) {
    if (bits > kBitsMax) {  // together with what is held, more than 64
      add_part(value & 0xFFFFFFFFU, 32);
      return add_part(value >> 32, bits - 32);
    }
    add_part(value, bits);
  }

  void flush() {
    if (count_ > 0) out_ += static_cast<char>(held_);
    held_ = 0;
    count_ = 0;
  }

 private:
  static constexpr int kBitsMax = 56;

  void add_part(uint64_t value, int bits) {
    held_ |= value << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) out_ += static_cast<char>(held_);
  }

  std::string& out_;
  uint64_t held_ = 0;
  int count_ = 0;
};

template <class Value>
bool is_run(std::span<const Value> values, size_t at) {
  if (at + kGroup > values.size()) return false;
  for (size_t i = 1; i < kGroup; ++i)
    if (values[at + i] != values[at]) return false;
  return true;
}

template <class Value>
void append_hybrid_of(std::string& out, std::span<const Value> values, int bits) {
  size_t at = 0;
  while (at < values.size()) {
    if (is_run(values, at)) {
      size_t end = at + kGroup;
      while (end < values.size() && values[end] == values[at]) ++end;
      append_varint(out, (end - at) << 1);
      for (int shift = 0; shift < bits; shift += 8)
        out += static_cast<char>(static_cast<uint64_t>(values[at]) >> shift);
      at = end;
      continue;
    }
    size_t end = at;
    do {
      end += kGroup;
    } while (end < values.size() && !is_run(values, end));
    append_varint(out, (end - at) / kGroup << 1 | 1);
    BitPacker packer(out);
    for (; at < end; ++at) packer.add(at < values.size() ? values[at] : 0, bits);
    packer.flush();
    at = std::min(end, values.size());
  }
}

constexpr size_t kBlock = 128;
constexpr size_t kMiniblocks = 4;
constexpr size_t kMiniblock = kBlock / kMiniblocks;

void append_delta_block(std::string& out, std::span<const uint64_t> deltas) {
  const auto less = [](uint64_t a, uint64_t b) {
    return static_cast<int64_t>(a) < static_cast<int64_t>(b);
  };
  const uint64_t smallest = *std::min_element(deltas.begin(), deltas.end(), less);
  append_zigzag(out, static_cast<int64_t>(smallest));
  std::array<int, kMiniblocks> widths{};
  for (size_t i = 0; i < deltas.size(); ++i) {
    auto& width = widths[i / kMiniblock];
    width = std::max(width, static_cast<int>(std::bit_width(deltas[i] - smallest)));
  }
  for (const int width : widths) out += static_cast<char>(width);
  for (size_t block = 0; block * kMiniblock < deltas.size(); ++block) {
    BitPacker packer(out);
    for (size_t i = block * kMiniblock; i < (block + 1) * kMiniblock; ++i)
      packer.add(i < deltas.size() ? deltas[i] - smallest : 0, widths[block]);
    packer.flush();
  }
}

}  // namespace

int bits_for(uint64_t max) {
  return std::max(1, static_cast<int>(std::bit_width(max)));
}

void append_hybrid(std::string& out, std::span<const uint32_t> values, int bits) {
  append_hybrid_of(out, values, bits);
}

void append_hybrid(std::string& out, std::span<const uint8_t> values, int bits) {
  append_hybrid_of(out, values, bits);
}

void append_delta(std::string& out, std::span<const int64_t> values, int bits) {
  append_varint(out, kBlock);
  append_varint(out, kMiniblocks);
  append_varint(out, values.size());
  append_zigzag(out, values.empty() ? 0 : values[0]);
  std::array<uint64_t, kBlock> deltas{};  // differences may wrap, and do so back when read
  for (size_t at = 1; at < values.size(); at += kBlock) {
    const size_t count = std::min(kBlock, values.size() - at);
    for (size_t i = 0; i < count; ++i) {
      deltas[i] = static_cast<uint64_t>(values[at + i]) - static_cast<uint64_t>(values[at + i - 1]);
      if (bits == 32) deltas[i] = static_cast<uint64_t>(int64_t{static_cast<int32_t>(deltas[i])});
    }
    append_delta_block(out, std::span(deltas).first(count));
  }
}

void append_bits(std::string& out, std::span<const uint8_t> values) {
  BitPacker packer(out);
  for (const uint8_t value : values) packer.add(value, 1);
  packer.flush();
}

}  // namespace cairn::parquet
