#include "parquet/internal/bloom_filter.h"

#include "parquet/internal/thrift_writer.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace cairn::parquet {
namespace {

constexpr size_t kBytesMax = 16U << 20;
constexpr std::array<uint32_t, 8> kSalt{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                        0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};

std::string header(size_t bytes) {
  ThriftWriter out;
  out.i32(1, static_cast<int32_t>(bytes));
  for (int16_t field = 2; field <= 4; ++field) {  // BLOCK, XXHASH, UNCOMPRESSED
    out.begin(field);
    out.begin(1);
    out.end();
    out.end();
  }
  return out.take();
}

}  // namespace

uint64_t bloom_hash(const char* bytes, size_t size) {
  return XXH64(bytes, size, 0);
}

bool bloom_block_holds(std::string_view block, uint64_t hash) {
  const auto key = static_cast<uint32_t>(hash);
  for (size_t i = 0; i < kSalt.size(); ++i) {
    uint32_t word = 0;
    std::memcpy(&word, block.data() + i * sizeof word, sizeof word);
    if ((word & 1U << (key * kSalt[i] >> 27)) == 0) return false;
  }
  return true;
}

std::string make_bloom_filter(std::span<const uint64_t> hashes, double false_positives) {
  // Each value sets one bit in each of a block's 8 words.
  const double bytes_per_value = -1 / std::log(1 - std::pow(false_positives, 1.0 / 8));
  const auto wanted = static_cast<size_t>(static_cast<double>(hashes.size()) * bytes_per_value);
  size_t bytes = std::bit_ceil(std::min(wanted, kBytesMax - 1) + 1);
  bytes = std::min(std::max(bytes, kBloomBlockBytes), kBytesMax);
  const uint64_t blocks = bytes / kBloomBlockBytes;
  std::vector<uint32_t> words(bytes / sizeof(uint32_t));
  for (const uint64_t hash : hashes) {
    const auto block = static_cast<size_t>((hash >> 32) * blocks >> 32);
    const auto key = static_cast<uint32_t>(hash);
    for (size_t i = 0; i < kSalt.size(); ++i)
      words[block * kSalt.size() + i] |= 1U << (key * kSalt[i] >> 27);
  }
  std::string out = header(bytes);
  out.append(reinterpret_cast<const char*>(words.data()), bytes);  // little endian, as the format
  return out;
}

}  // namespace cairn::parquet
