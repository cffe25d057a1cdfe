// A growable run of bytes that is not zeroed on growth and always has JSON padding behind it.
#pragma once

#include "base/json_scan.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace cairn {

class Buffer {
 public:
  char* data() { return bytes_.get(); }

  const char* data() const { return bytes_.get(); }

  size_t size() const { return size_; }

  size_t capacity() const { return capacity_; }

  std::string_view view() const { return {bytes_.get(), size_}; }

  /// Room for `capacity` bytes and the padding; keeps what is held.
  void reserve(size_t capacity) {
    if (capacity <= capacity_ && bytes_ != nullptr) return;
    std::unique_ptr<char[]> grown(new char[capacity + json::kJsonPadding]);
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

  /// Sets the size (within the capacity) and writes the padding's zeros behind it.
  void set_size(size_t size) {
    size_ = size;
    std::memset(bytes_.get() + size_, 0, json::kJsonPadding);
  }

  void append(std::string_view bytes) {
    if (size_ + bytes.size() > capacity_ || bytes_ == nullptr)
      reserve(std::max(size_ + bytes.size(), capacity_ * 2));
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    set_size(size_ + bytes.size());
  }

  /// Drops the first `count` bytes.
  void drop_front(size_t count) {
    std::memmove(bytes_.get(), bytes_.get() + count, size_ - count);
    set_size(size_ - count);
  }

  void clear() {
    reserve(64);
    set_size(0);
  }

  /// Gives memory above `keep` bytes back.
  void shrink(size_t keep) {
    if (capacity_ <= keep) return;
    bytes_.reset();
    capacity_ = size_ = 0;
    clear();
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace cairn
