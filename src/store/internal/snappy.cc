#include "store/internal/snappy.h"

#include <cstdint>

namespace cairn::store {
namespace {

Error damaged() {
  return Error{ErrorKind::corrupt, "the Snappy data is damaged"};
}

class Decoder {
 public:
  explicit Decoder(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }

  /// Little-endian, `bytes` long.
  bool number(unsigned bytes, uint64_t& out) {
    if (rest_.size() < bytes) return false;
    out = 0;
    for (unsigned i = 0; i < bytes; ++i)
      out |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
    rest_.remove_prefix(bytes);
    return true;
  }

  bool length(uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      uint64_t byte = 0;
      if (!number(1, byte)) return false;
      out |= (byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool literal(uint64_t tag, std::string& out) {
    uint64_t size = tag >> 2;
    if (size >= 60 && !number(static_cast<unsigned>(size - 59), size)) return false;
    ++size;
    if (size > rest_.size()) return false;
    out += rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  bool copy(uint64_t tag, std::string& out) {
    uint64_t offset = 0;
    uint64_t size = (tag >> 2) + 1;
    if ((tag & 3) == 1) {
      if (!number(1, offset)) return false;
      offset |= (tag >> 5) << 8;
      size = 4 + ((tag >> 2) & 7);
    } else if (!number((tag & 3) == 2 ? 2 : 4, offset)) {
      return false;
    }
    if (offset == 0 || offset > out.size()) return false;
    for (uint64_t i = 0; i < size; ++i) out += out[out.size() - offset];  // may overlap
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<std::string> unsnappy(std::string_view compressed, size_t size_max) {
  Decoder in(compressed);
  uint64_t size = 0;
  if (!in.length(size)) return damaged();
  if (size > size_max)
    return Error{ErrorKind::exhausted, "the decompressed data is longer than its limit"};
  std::string out;
  while (!in.at_end() && out.size() <= size) {
    uint64_t tag = 0;
    if (!in.number(1, tag) || !((tag & 3) == 0 ? in.literal(tag, out) : in.copy(tag, out)))
      return damaged();
  }
  if (out.size() != size) return damaged();
  return out;
}

}  // namespace cairn::store
