// Digests and message authentication as AWS's protocols use them, by OpenSSL.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// The 32 bytes of SHA-256 (FIPS 180-4).
std::string sha256(std::string_view bytes);

/// The 32 bytes of HMAC-SHA-256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// The 16 bytes of MD5 (RFC 1321): for S3's ETags and Content-MD5 and for key fingerprints, which
/// demand it. Proves nothing against a forger.
std::string md5(std::string_view bytes);

/// The 20 bytes of SHA-1 (FIPS 180-4): for S3's checksums. Proves nothing against a forger.
std::string sha1(std::string_view bytes);

/// SHA-256 of a text that comes in pieces. Not thread-safe.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  ~Sha256Stream();

  void add(std::string_view bytes);
  /// The 32 bytes; begins anew.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);

/// The bytes of hexadecimal digits in either case; nullopt for anything else.
std::optional<std::string> from_hex(std::string_view digits);

/// Compares without telling by its time where two secrets of one length differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace cairn
