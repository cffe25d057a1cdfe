// Steps through Thrift's compact protocol: what is wanted is read, the rest passed over. Never
// reads beyond the bytes given; a fault ends it.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::parquet {

class ThriftReader {
 public:
  explicit ThriftReader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }

  /// The fields of a struct: `visit(id, type)` must read or skip() the value. Types are the
  /// protocol's numbers.
  template <class Visit>
  void structure(Visit&& visit) {
    if (++depth_ > kDepthMax) return fail();
    for (int16_t id = 0; !failed_;) {
      const uint8_t header = byte();
      if (failed_ || (header & 0xF) == 0) break;
      const int delta = header >> 4;
      id = static_cast<int16_t>(delta != 0 ? id + delta : zigzag());
      visit(id, static_cast<uint8_t>(header & 0xF));
    }
    --depth_;
  }

  /// The elements of a list: `visit(type)` for each.
  template <class Visit>
  void list(Visit&& visit) {
    const uint8_t header = byte();
    const uint64_t size = header >> 4 == 15 ? varint() : header >> 4;
    for (uint64_t i = 0; i < size && !failed_; ++i) visit(static_cast<uint8_t>(header & 0xF));
  }

  int64_t zigzag() {
    const uint64_t value = varint();
    return static_cast<int64_t>(value >> 1 ^ (0 - (value & 1)));
  }

  std::string_view binary() {
    const uint64_t size = varint();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  void skip(uint8_t type) {
    switch (type) {
      case 1:  // booleans are in the header
      case 2:
        return;
      case 3:
        byte();
        return;
      case 4:
      case 5:
      case 6:
        varint();
        return;
      case 7:
        return drop(8);
      case 8:
        binary();
        return;
      case 9:
      case 10:
        return list([this](uint8_t element) { element <= 2 ? drop(1) : skip(element); });
      case 12:
        return structure([this](int16_t, uint8_t field) { skip(field); });
      default:
        return fail();  // maps do not occur in Parquet
    }
  }

 private:
  static constexpr int kDepthMax = 32;

  void fail() {
    failed_ = true;
    rest_ = {};
  }

  void drop(size_t count) {
    if (count > rest_.size()) return fail();
    rest_.remove_prefix(count);
  }

  uint8_t byte() {
    if (rest_.empty()) {
      failed_ = true;
      return 0;
    }
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t part = byte();
      value |= static_cast<uint64_t>(part & 0x7F) << shift;
      if (part < 0x80) return value;
    }
    fail();
    return 0;
  }

  std::string_view rest_;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace cairn::parquet
