// The files within a tar or zip archive, one after the other.
#pragma once

#include "base/result.h"
#include "source/byte_stream.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn::source {

/// By the bytes at the front of a (decompressed) file.
bool is_archive(std::string_view front);

class Archive {
 public:
  static Result<Archive> open(std::unique_ptr<ByteStream> from);
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  /// Steps to the next regular file and gives its name; nullopt behind the last. Fails with
  /// `corrupt`.
  Result<std::optional<std::string>> next();

  /// Up to `max` bytes of the current file.
  Result<size_t> read(char* out, size_t max);

 private:
  struct State;
  explicit Archive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cairn::source
