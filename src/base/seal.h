// Encryption of small secrets at rest: AES-256-GCM (NIST SP 800-38D), by OpenSSL.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kSealNonceBytes = 12;

/// nonce, ciphertext and tag as one text of bytes. `key` has kSealKeyBytes; `nonce` kSealNonceBytes
/// that were never used with this key before. `bound_to` is not in the text, but opening it needs
/// the same.
std::string seal(std::string_view key, std::string_view nonce, std::string_view plain,
                 std::string_view bound_to);

/// nullopt when the key or `bound_to` is another, or a bit was changed.
std::optional<std::string> open_sealed(std::string_view key, std::string_view sealed,
                                       std::string_view bound_to);

/// Overwrites a secret, also where the compiler sees no use in it, and empties it.
void wipe(std::string& secret);

}  // namespace cairn
