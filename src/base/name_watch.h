// Notices cheaply that the names of a JSON object may repeat, so that the exact check is rare.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cairn::json {

/// Fingerprints of the names of the objects that are open. Names are compared as they are written.
/// Two names with the same fingerprint may differ; equal names have the same one.
class NameWatch {
 public:
  // NOLINTNEXTLINE(modernize-use-equals-default): `= default` would be zeroed by `NameWatch{}`
  NameWatch() {}

  /// An object begins at this depth, from 1 on.
  void open(int depth) {
    if (depth < kDepths) first_[static_cast<size_t>(depth)] = count_;
  }

  void close(int depth) {
    if (depth < kDepths) count_ = first_[static_cast<size_t>(depth)];
  }

  /// A name of the innermost object. Eight bytes behind `name` must be readable.
  void add(int depth, const char* name, size_t size) {
    if (depth >= kDepths || count_ == kNames) {
      odd_ = true;
      return;
    }
    const uint64_t print = fingerprint(name, size);
    for (size_t i = first_[static_cast<size_t>(depth)]; i < count_; ++i)
      odd_ |= prints_[i] == print;
    prints_[count_++] = print;
  }

  /// A name may be there twice, or there are more names or depths than are watched.
  bool odd() const { return odd_; }

 private:
  static constexpr int kDepths = 32;
  static constexpr size_t kNames = 256;

  static uint64_t bytes_at(const char* p) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, p, sizeof bytes);
    return bytes;
  }

  static uint64_t fingerprint(const char* name, size_t size) {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
    uint64_t head = bytes_at(name);
    if (size < 8) {
      head = size == 0 ? 0 : head << (8 * (8 - size));
      return (head ^ size) * kOdd;
    }
    const uint64_t tail = bytes_at(name + size - 8);
    return ((head ^ size) * kOdd) ^ ((tail + size) * (kOdd << 1 | 1));
  }

  std::array<uint64_t, kNames> prints_;
  std::array<size_t, kDepths> first_;
  size_t count_ = 0;
  bool odd_ = false;
};

}  // namespace cairn::json
