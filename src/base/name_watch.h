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
    if (depth >= kDepths) return;
    first_[static_cast<size_t>(depth)] = count_;
    seen_[static_cast<size_t>(depth)] = 0;
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
    // Most names need no comparison: no name of the object has this bit.
    const uint64_t bit = uint64_t{1} << (print >> 58);
    auto& seen = seen_[static_cast<size_t>(depth)];
    if ((seen & bit) != 0) [[unlikely]]
      compare(depth, print);
    seen |= bit;
    prints_[count_++] = print;
  }

  /// A name may be there twice, or there are more names or depths than are watched.
  bool odd() const { return odd_; }

 private:
  static constexpr int kDepths = 32;
  static constexpr size_t kNames = 256;

  [[gnu::noinline]] void compare(int depth, uint64_t print) {
    for (size_t i = first_[static_cast<size_t>(depth)]; i < count_; ++i)
      odd_ |= prints_[i] == print;
  }

  static uint64_t bytes_at(const char* p) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, p, sizeof bytes);
    return bytes;
  }

  static uint64_t fingerprint(const char* name, size_t size) {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
    const uint64_t head = bytes_at(name);
    if (size < 8) return ((size == 0 ? 0 : head << (8 * (8 - size))) ^ size) * kOdd;
    const uint64_t tail = bytes_at(name + size - 8);
    return ((head ^ (tail << 1 | tail >> 63)) + size) * kOdd;
  }

  std::array<uint64_t, kNames> prints_;
  std::array<size_t, kDepths> first_;
  std::array<uint64_t, kDepths> seen_;  ///< a bit for each value of six bits of a fingerprint
  size_t count_ = 0;
  bool odd_ = false;
};

}  // namespace cairn::json
