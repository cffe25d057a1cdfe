// Thrift's compact protocol, as far as Parquet's metadata need it.
// Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::parquet {

enum class ThriftType : uint8_t { i32 = 5, i64 = 6, binary = 8, list = 9, structure = 12 };

class ThriftWriter {
 public:
  ThriftWriter() : last_{0} {}

  void boolean(int16_t field, bool value) { header(field, value ? 1 : 2); }

  void i16(int16_t field, int16_t value) {
    header(field, 4);
    number(value);
  }

  void i32(int16_t field, int32_t value) {
    header(field, 5);
    number(value);
  }

  void i64(int16_t field, int64_t value) {
    header(field, 6);
    number(value);
  }

  void binary(int16_t field, std::string_view value) {
    header(field, 8);
    bytes(value);
  }

  /// The elements follow, by the functions below.
  void list(int16_t field, ThriftType element, size_t size) {
    header(field, 9);
    const auto type = static_cast<uint8_t>(element);
    if (size < 15) {
      out_ += static_cast<char>(size << 4 | type);
    } else {
      out_ += static_cast<char>(0xF0 | type);
      varint(size);
    }
  }

  void number(int64_t value) {
    varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
  }

  void bytes(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }

  /// A struct that is a field; end() closes it.
  void begin(int16_t field) {
    header(field, 12);
    last_.push_back(0);
  }

  /// A struct that is an element of a list.
  void begin_element() { last_.push_back(0); }

  void end() {
    out_ += '\0';
    last_.pop_back();
  }

  /// Closes the outermost struct and gives the bytes.
  std::string take() {
    out_ += '\0';
    return std::move(out_);
  }

 private:
  void header(int16_t field, uint8_t type) {
    const int delta = field - last_.back();
    last_.back() = field;
    if (delta > 0 && delta <= 15) {
      out_ += static_cast<char>(delta << 4 | type);
    } else {
      out_ += static_cast<char>(type);
      number(field);
    }
  }

  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string out_;
  std::vector<int16_t> last_;  ///< last field id per open struct
};

}  // namespace cairn::parquet
