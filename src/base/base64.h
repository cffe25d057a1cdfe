// Base64, RFC 4648 §4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Decodes standard base64; line ends within are skipped. nullopt for anything else that is
/// malformed.
std::optional<std::string> decode_base64(std::string_view text);

/// With padding, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace cairn
