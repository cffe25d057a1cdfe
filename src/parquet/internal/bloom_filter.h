// Split-block bloom filters over xxHash64. Source: Apache Parquet, BloomFilter.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::parquet {

/// Bytes of one block of a filter.
constexpr uint64_t kBloomBlockBytes = 32;

/// Hash of a value as its plain encoding has it (strings without their length).
uint64_t bloom_hash(const char* bytes, size_t size);

/// The filter with its header. Its size is the smallest power of two that passes about
/// `false_positives` (within 0 and 1) of absent values, or fewer; 16 MiB at most.
std::string make_bloom_filter(std::span<const uint64_t> hashes, double false_positives);

/// Whether the 32 bytes of a filter's block have all bits of the hash set.
bool bloom_block_holds(std::string_view block, uint64_t hash);

}  // namespace cairn::parquet
