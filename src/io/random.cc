#include "io/random.h"

#include "base/check.h"

#include <sys/random.h>

#include <cerrno>

namespace cairn::io {

uint64_t SystemRandom::next() {
  uint64_t made = 0;
  ssize_t got = 0;
  do {
    got = ::getrandom(&made, sizeof made, 0);
  } while (got < 0 && errno == EINTR);
  CAIRN_CHECK(got == static_cast<ssize_t>(sizeof made));  // below 256 bytes the kernel gives all
  return made;
}

std::string make_uuid(Random& random) {
  const uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
  const uint64_t low = (random.next() & ~(3ULL << 62)) | (2ULL << 62);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out += '-';
    const uint64_t half = nibble < 16 ? high : low;
    out += kDigits[half >> (60 - 4 * (nibble % 16)) & 0xF];
  }
  return out;
}

}  // namespace cairn::io
