// Decompression of gzip (RFC 1952, any number of members) and zstd. Two ways: a whole text at once,
// which is the fast one, and a stream, for texts of any size and for saying what is wrong with a
// damaged one.
#pragma once

#include "base/buffer.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
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

  /// The same of the first member alone; `taken` is how many bytes of `compressed` it has. False
  /// when it is longer than `size_max`, or damaged.
  bool decompress_member(std::string_view compressed, size_t size_max, Buffer& out, size_t& taken);

 private:
  struct State;

  static void begin(std::string_view compressed, size_t size_max, Buffer& out);
  bool append_member(std::string_view compressed, size_t size_max, Buffer& out, size_t& taken);

  std::unique_ptr<State> state_;
};

/// How the first gzip member of a text ended.
enum class MemberEnd : uint8_t {
  whole,     ///< with the text
  followed,  ///< something comes after it, be it another member or zeros
  cut_off,   ///< before its end; what was there is sound
  damaged,   ///< it is no gzip data, or a checksum is wrong
};

/// Inflates the first gzip member, of any size, in pieces. False from `give` ends it (`cut_off`).
MemberEnd inflate_member(std::string_view compressed,
                         const std::function<bool(std::string_view)>& give);

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
