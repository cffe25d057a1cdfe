// Parquet's encodings of levels and values. Source: Apache Parquet, Encodings.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace cairn::parquet {

/// Bits that numbers up to `max` need; at least 1.
int bits_for(uint64_t max);

/// RLE / bit-packing hybrid, without a length in front.
void append_hybrid(std::string& out, std::span<const uint32_t> values, int bits);
void append_hybrid(std::string& out, std::span<const uint8_t> values, int bits);

/// DELTA_BINARY_PACKED: blocks of 128 in 4 miniblocks. `bits`: of the physical type, 32 or 64;
/// INT32 wraps at 32, as some readers refuse wider differences.
void append_delta(std::string& out, std::span<const int64_t> values, int bits = 64);

/// PLAIN booleans: one bit each.
void append_bits(std::string& out, std::span<const uint8_t> values);

}  // namespace cairn::parquet
