// RSA signatures as CloudTrail's digests have them (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017 §8.2),
// and the keys for them, by OpenSSL.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace cairn {

/// Thread-safe: signing and verifying change nothing. Copies share the key.
class RsaPublicKey {
 public:
  /// `der`: a PKCS#1 RSAPublicKey (RFC 8017 A.1.1) and nothing behind it. Fails with `corrupt`;
  /// also when the modulus is shorter than 1,024 bits or longer than 16,384.
  static Result<RsaPublicKey> from_pkcs1(std::string_view der);

  /// The same from an X.509 SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
  static Result<RsaPublicKey> from_subject_public_key_info(std::string_view der);

  /// The first key of a PEM text, `PUBLIC KEY` or `RSA PUBLIC KEY`.
  static Result<RsaPublicKey> from_pem(std::string_view pem);

  /// DER of the PKCS#1 RSAPublicKey.
  std::string pkcs1() const;

  int bits() const;

  /// Whether `signature` (its bytes) is this key's of `text`.
  bool verifies(std::string_view text, std::string_view signature) const;

 private:
  friend class RsaPrivateKey;
  struct State;

  explicit RsaPublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

/// Thread-safe. Copies share the key; its memory is cleared when the last one goes.
class RsaPrivateKey {
 public:
  /// Of `bits` (2048 to 8192) from the system's randomness, with the exponent 65537. Takes from
  /// milliseconds to seconds. Fails with `unavailable` and `invalid_argument`.
  static Result<RsaPrivateKey> generate(int bits);

  /// `der`: an unencrypted PKCS#8 PrivateKeyInfo (RFC 5958). Fails with `corrupt`.
  static Result<RsaPrivateKey> from_pkcs8(std::string_view der);

  /// A PEM text, `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY` (PKCS#1), unencrypted.
  static Result<RsaPrivateKey> from_pem(std::string_view pem);

  std::string pkcs8() const;
  std::string pkcs8_pem() const;

  RsaPublicKey public_key() const;

  /// The bytes of the signature of `text`, as many as the modulus has. Fails with `unavailable`.
  Result<std::string> sign(std::string_view text) const;

 private:
  using State = RsaPublicKey::State;

  explicit RsaPrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace cairn
