#include "base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace cairn {

std::optional<std::string> decode_base64(std::string_view text) {
  std::string compact(text);
  compact.erase(
      std::remove_if(compact.begin(), compact.end(), [](char c) { return c == '\n' || c == '\r'; }),
      compact.end());
  if (compact.size() % 4 != 0 || compact.size() > 1'000'000'000) return std::nullopt;
  std::string out(compact.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(compact.data()),
                                     static_cast<int>(compact.size()));
  if (length < 0) return std::nullopt;
  const auto pads = static_cast<size_t>(
      std::count(compact.end() - std::min<ptrdiff_t>(2, std::ssize(compact)), compact.end(), '='));
  out.resize(static_cast<size_t>(length) - pads);
  return out;
}

}  // namespace cairn
