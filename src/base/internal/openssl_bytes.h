// Strings as OpenSSL takes them.
#pragma once

#include <string>
#include <string_view>

namespace cairn {

/// Returns the bytes of `text`, which they do not outlive.
inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Returns the bytes of `text`, for writing.
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace cairn
