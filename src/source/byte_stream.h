// Where the text of a file comes from, piece by piece: plain, decompressed, or out of memory.
#pragma once

#include "base/buffer.h"
#include "base/inflate.h"
#include "base/result.h"
#include "io/file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::source {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Up to `max` bytes; 0 at the end. Fails with `corrupt` for damaged compressed data.
  virtual Result<size_t> read(char* out, size_t max) = 0;

  /// Something odd that was passed over, known at the end: "12 bytes after the compressed data".
  /// Else empty.
  virtual std::string oddity() const { return {}; }
};

/// Bytes that somebody else holds.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes) : rest_(bytes) {}

  Result<size_t> read(char* out, size_t max) override;

 private:
  std::string_view rest_;
};

/// A file, with the bytes that were already read from it in front.
class FileStream final : public ByteStream {
 public:
  FileStream(io::File file, std::string front) : file_(std::move(file)), front_(std::move(front)) {}

  Result<size_t> read(char* out, size_t max) override;

 private:
  io::File file_;
  std::string front_;
  size_t taken_ = 0;
};

/// Limits on what a compressed text may become: a file of a few kilobytes must not cost an hour.
struct ExpansionLimit {
  uint64_t free_bytes = 1'000'000'000;  ///< up to here any ratio is fine
  uint64_t ratio_max = 250;             ///< real logs stay below 60
};

/// Decompresses another stream.
class InflatedStream final : public ByteStream {
 public:
  InflatedStream(std::unique_ptr<ByteStream> from, std::unique_ptr<Inflater> inflater,
                 ExpansionLimit limit);

  Result<size_t> read(char* out, size_t max) override;
  std::string oddity() const override;

 private:
  std::unique_ptr<ByteStream> from_;
  std::unique_ptr<Inflater> inflater_;
  ExpansionLimit limit_;
  Buffer input_;
  size_t input_at_ = 0;
  bool input_ended_ = false;
  bool finished_ = false;
  uint64_t taken_ = 0;
  uint64_t given_ = 0;
};

/// Puts bytes that were already read in front of a stream again.
class PrefixedStream final : public ByteStream {
 public:
  PrefixedStream(std::string front, std::unique_ptr<ByteStream> rest)
      : front_(std::move(front)), rest_(std::move(rest)) {}

  Result<size_t> read(char* out, size_t max) override;

  std::string oddity() const override { return rest_->oddity(); }

 private:
  std::string front_;
  size_t taken_ = 0;
  std::unique_ptr<ByteStream> rest_;
};

/// Reads until `out` holds `size_max` bytes or the end is reached; true at the end.
Result<bool> read_up_to(ByteStream& stream, size_t size_max, Buffer& out);

/// Wraps `from` in a decompressor for as long as its front is compressed (a gzip within a gzip: two
/// layers at most, a third is refused with `corrupt`). `front_max` bytes of the text are left in
/// `front` for recognising its form.
Result<std::unique_ptr<ByteStream>> open_text(std::unique_ptr<ByteStream> from, std::string& front);

}  // namespace cairn::source
