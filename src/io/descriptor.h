// A file descriptor, closed at the end of its life, and what the system does in pieces done whole.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::io {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }

  int get() const { return number_; }

 private:
  int number_;
};

/// `length` bytes from `offset` on, fewer where the file ends before; nullopt: errno tells why.
std::optional<std::string> read_at(int file, uint64_t offset, size_t length);

/// What is left of a file or pipe, but no more than `bytes_max`; nullopt: errno tells why.
std::optional<std::string> read_rest(int file, size_t bytes_max);

/// At the place where the file stands; false: errno tells why, and a part may be written.
bool write_all(int file, std::string_view bytes);

}  // namespace cairn::io
