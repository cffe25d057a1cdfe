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

std::string encode_base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace cairn
