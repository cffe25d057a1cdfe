#include "base/deflate.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

namespace cairn {
namespace {

constexpr int kLevel = 6;
constexpr size_t kRestMax = 4;  // an Adler-32

}  // namespace

Result<std::string> deflate(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  if (!compressor) return Error{ErrorKind::exhausted, "no memory left to compress"};
  std::string out(libdeflate_deflate_compress_bound(compressor.get(), text.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor.get(), text.data(), text.size(), out.data(),
                                         out.size()));
  return out;
}

Result<std::string> inflate_raw(std::string_view compressed, size_t size_max) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!decompressor) return Error{ErrorKind::exhausted, "no memory left to decompress"};
  for (size_t room = std::min(size_max, compressed.size() * 4 + 1024);;) {
    std::string out(room, '\0');
    size_t taken = 0;
    size_t given = 0;
    const auto result = libdeflate_deflate_decompress_ex(
        decompressor.get(), compressed.data(), compressed.size(), out.data(), room, &taken, &given);
    if (result == LIBDEFLATE_SUCCESS && compressed.size() - taken <= kRestMax) {
      out.resize(given);
      return out;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
      return Error{ErrorKind::corrupt, "the compressed data is damaged"};
    if (room == size_max)
      return Error{ErrorKind::exhausted, "the decompressed data is longer than its limit"};
    room = std::min(size_max, room * 4);
  }
}

}  // namespace cairn
