// Compression to gzip (RFC 1952), a text at a time.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace cairn {

/// Reusable state of a compressor. Not thread-safe. The same text gives the same bytes: the header
/// holds no time.
class Gzip {
 public:
  /// `level` 1 (quick) to 12 (small).
  explicit Gzip(int level);
  Gzip(Gzip&&) noexcept;
  Gzip& operator=(Gzip&&) noexcept;
  ~Gzip();

  /// Replaces `out` by the compressed text. Fails with `exhausted` when memory is short.
  Status compress(std::string_view text, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn
