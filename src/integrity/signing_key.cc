#include "integrity/signing_key.h"

#include "base/check.h"
#include "base/crypto.h"

namespace cairn::integrity {

std::string fingerprint(const RsaPublicKey& key) {
  return to_hex(md5(key.pkcs1()));
}

SigningKey::SigningKey(RsaPrivateKey key)
    : key_(std::move(key)),
      public_der_(key_.public_key().pkcs1()),
      fingerprint_(to_hex(md5(public_der_))) {}

Result<SigningKey> SigningKey::generate() {
  auto key = CAIRN_TRY(RsaPrivateKey::generate(kSigningKeyBits));
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::from_private_der(std::string_view pkcs8) {
  auto key = CAIRN_TRY(RsaPrivateKey::from_pkcs8(pkcs8));
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::from_private_pem(std::string_view pem) {
  auto key = CAIRN_TRY(RsaPrivateKey::from_pem(pem));
  return SigningKey(std::move(key));
}

Result<std::string> SigningKey::sign(const Digest& digest, std::string_view json) const {
  CAIRN_CHECK(digest.fingerprint == fingerprint_);
  const auto signature = CAIRN_TRY(key_.sign(string_to_sign(digest, to_hex(sha256(json)))));
  return to_hex(signature);
}

bool verify_digest(const RsaPublicKey& key, const Digest& digest, std::string_view hash_hex,
                   std::string_view signature_hex) {
  const auto signature = from_hex(signature_hex);
  return signature && key.verifies(string_to_sign(digest, hash_hex), *signature);
}

}  // namespace cairn::integrity
