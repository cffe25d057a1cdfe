// A file that grows at its end: for notes that may be lost with the power, not with the process.
#pragma once

#include "base/result.h"
#include "io/descriptor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::io {

/// Not thread-safe.
class AppendFile {
 public:
  /// Empties the file, or makes it with mode 0600. Fails as system calls do.
  static Result<AppendFile> create(const std::string& path);

  /// In one write, not synced. A write that the disk takes a part of is taken back.
  Status append(std::string_view bytes);

  uint64_t size_bytes() const { return size_; }

 private:
  explicit AppendFile(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
  uint64_t size_ = 0;
};

}  // namespace cairn::io
