#include "base/checksum.h"

#include <libdeflate.h>

#include <array>
#include <cstddef>

namespace cairn {
namespace {

// Slicing by eight: one table for each byte of a 64-bit word that is taken at once.
template <class Word>
struct Tables {
  std::array<std::array<Word, 256>, 8> by{};

  constexpr explicit Tables(Word reversed_polynomial) {
    for (size_t byte = 0; byte < 256; ++byte) {
      auto value = static_cast<Word>(byte);
      for (int bit = 0; bit < 8; ++bit)
        value = (value & 1) != 0 ? (value >> 1) ^ reversed_polynomial : value >> 1;
      by[0][byte] = value;
    }
    for (size_t step = 1; step < 8; ++step)
      for (size_t byte = 0; byte < 256; ++byte)
        by[step][byte] = by[0][by[step - 1][byte] & 0xFF] ^ (by[step - 1][byte] >> 8);
  }
};

constexpr Tables<uint32_t> kCastagnoli(0x82F63B78U);
constexpr Tables<uint64_t> kNvme(0x9A6C9329AC4BC9B5U);

template <class Word>
Word checksum(const Tables<Word>& tables, std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  Word sum = ~Word{0};
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; ++i) word |= uint64_t{at[i]} << (8 * i);
    word ^= sum;
    Word next = 0;
    for (size_t i = 0; i < 8; ++i) next ^= tables.by[7 - i][word >> (8 * i) & 0xFF];
    sum = next;
  }
  for (; left > 0; ++at, --left) sum = tables.by[0][(sum ^ *at) & 0xFF] ^ (sum >> 8);
  return ~sum;
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

uint32_t crc32c(std::string_view bytes) {
  return checksum(kCastagnoli, bytes);
}

uint64_t crc64_nvme(std::string_view bytes) {
  return checksum(kNvme, bytes);
}

}  // namespace cairn
