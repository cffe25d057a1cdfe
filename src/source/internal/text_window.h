// The part of a text that is in memory: all of it, or a window that moves along a stream.
#pragma once

#include "base/buffer.h"
#include "source/byte_stream.h"

namespace cairn::source {

class TextWindow {
 public:
  /// `stream` null: `buffer` holds the whole text.
  /// `step` bytes are read at a time at least.
  TextWindow(Buffer& buffer, ByteStream* stream, size_t bytes_max, size_t step = 1 << 20)
      : buffer_(buffer), stream_(stream), bytes_max_(bytes_max), step_(step) {}

  const char* begin() const { return buffer_.data(); }

  const char* end() const { return buffer_.data() + buffer_.size(); }

  /// Place of `p` in the whole text.
  uint64_t offset(const char* p) const { return base_ + static_cast<uint64_t>(p - begin()); }

  /// No text follows the window's end.
  bool ended() const { return stream_ == nullptr || ended_; }

  /// Drops what lies before `p`, reads more behind, and moves `p` to where its byte is now. False
  /// at the end of the text. Fails with `exhausted` when one value fills the largest window.
  Result<bool> more(const char*& p);

 private:
  Buffer& buffer_;
  ByteStream* stream_;
  size_t bytes_max_;
  size_t step_;
  uint64_t base_ = 0;
  bool ended_ = false;
};

}  // namespace cairn::source
