// Decompression of gzip (RFC 1952, any number of members) and zstd. Two ways: a whole text at once,
// which is the fast one, and a stream, for texts of any size and for saying what is wrong with a
// damaged one.
#pragma once

#include "base/buffer.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace cairn {

enum class Compression : uint8_t { none, gzip, zstd };

/// By the magic bytes at the front.
Compression sniff_compression(std::string_view front);

/// Reusable state of whole-text gzip decompression. Not thread-safe.
class Gunzip {
 public:
  Gunzip();
  Gunzip(Gunzip&&) noexcept;
  Gunzip& operator=(Gunzip&&) noexcept;
  ~Gunzip();

  /// Replaces `out` by the text of all members. False when the text is longer than `size_max`, or
  /// damaged, or something follows the last member: the stream then tells which.
  bool decompress(std::string_view compressed, size_t size_max, Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decompresses piece by piece. Give it input, take output. Not thread-safe.
class Inflater {
 public:
  virtual ~Inflater() = default;

  struct Step {
    size_t taken = 0;  ///< bytes of the input that were used up
    size_t given = 0;  ///< bytes written to the output
    bool finished =
        false;  ///< the end of the compressed data was reached; nothing more will be given
  };

  /// `last` says that no input follows. Fails with `corrupt`; the message names the byte in the
  /// compressed data.
  virtual Result<Step> step(std::string_view input, bool last, char* out, size_t out_max) = 0;

  /// After `finished`: how many bytes that are not zero padding followed the compressed data.
  virtual uint64_t trailing_bytes() const { return 0; }

  static std::unique_ptr<Inflater> gzip();
  static std::unique_ptr<Inflater> zstd();
};

}  // namespace cairn
