// The key pair with which digests are signed, and its public half as ListPublicKeys shows it.
#pragma once

#include "base/result.h"
#include "base/rsa.h"
#include "integrity/digest.h"

#include <string>
#include <string_view>

namespace cairn::integrity {

/// CloudTrail's keys have this many bits.
inline constexpr int kSigningKeyBits = 2048;

/// What a digest calls its public key: MD5 of the DER of the PKCS#1 RSAPublicKey, lower-case hex.
std::string fingerprint(const RsaPublicKey& key);

/// Thread-safe. Copies share the key.
class SigningKey {
 public:
  /// A new pair; takes up to a second. Fails with `unavailable`.
  static Result<SigningKey> generate();

  /// From private_der(). Fails with `corrupt`.
  static Result<SigningKey> from_private_der(std::string_view pkcs8);

  /// From private_pem(), or another unencrypted RSA key in PEM. Fails with `corrupt`.
  static Result<SigningKey> from_private_pem(std::string_view pem);

  /// The private key as PKCS#8. A secret: to be kept encrypted.
  std::string private_der() const { return key_.pkcs8(); }

  std::string private_pem() const { return key_.pkcs8_pem(); }

  /// PKCS#1 RSAPublicKey: in base64 this is `Value` of ListPublicKeys.
  const std::string& public_der() const { return public_der_; }

  const std::string& fingerprint() const { return fingerprint_; }

  /// The signature of a digest, as the object's metadata and the next digest hold it: lower-case
  /// hex. `json` is what was written of it: write_digest_json(digest). The digest's fingerprint
  /// must be this key's. Fails with `unavailable`.
  Result<std::string> sign(const Digest& digest, std::string_view json) const;

 private:
  explicit SigningKey(RsaPrivateKey key);

  RsaPrivateKey key_;
  std::string public_der_;
  std::string fingerprint_;
};

/// Whether `signature_hex` (either case) is that of the digest whose file's uncompressed bytes have
/// the SHA-256 `hash_hex`. False also for what is not hexadecimal.
bool verify_digest(const RsaPublicKey& key, const Digest& digest, std::string_view hash_hex,
                   std::string_view signature_hex);

}  // namespace cairn::integrity
