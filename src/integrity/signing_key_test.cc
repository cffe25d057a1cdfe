#include "integrity/signing_key.h"

#include "base/base64.h"
#include "base/crypto.h"

#include <gtest/gtest.h>

namespace cairn::integrity {
namespace {

TEST(SigningKey, SignsDigestsThatVerify) {
  const auto key = SigningKey::generate().value();
  Digest digest;
  digest.start_time = "2025-03-14T08:11:22Z";
  digest.end_time = "2025-03-14T09:11:22Z";
  digest.bucket = "b";
  digest.object = "k";
  digest.fingerprint = key.fingerprint();
  const auto json = write_digest_json(digest);
  const auto signature = key.sign(digest, json).value();
  EXPECT_EQ(signature.size(), 512u);
  const auto hash = to_hex(sha256(json));
  const auto as_listed = RsaPublicKey::from_pkcs1(key.public_der()).value();
  EXPECT_TRUE(verify_digest(as_listed, digest, hash, signature));
  EXPECT_FALSE(verify_digest(as_listed, digest, hash, signature.substr(2)));
  EXPECT_FALSE(verify_digest(as_listed, digest, hash, "no hex"));
  EXPECT_FALSE(verify_digest(as_listed, digest, to_hex(sha256("other")), signature));
  digest.object = "moved";
  EXPECT_FALSE(verify_digest(as_listed, digest, hash, signature));
}

TEST(SigningKey, IsKeptAsPkcs8) {
  const auto key = SigningKey::generate().value();
  const auto again = SigningKey::from_private_der(key.private_der()).value();
  EXPECT_EQ(again.public_der(), key.public_der());
  EXPECT_EQ(SigningKey::from_private_pem(key.private_pem()).value().fingerprint(),
            key.fingerprint());
  EXPECT_EQ(SigningKey::from_private_der("x").error().kind(), ErrorKind::corrupt);
}

// A key of AWS and the fingerprint that AWS gives it: `aws cloudtrail list-public-keys help`.
TEST(SigningKey, FingerprintIsAwss) {
  const auto der = decode_base64(
      "MIIBCgKCAQEAlSS3cl92HDycr/MTj0moOhas8habjrraXw+KzlWF0axSI2tcF+3iJ9BKQAVSKxGwxwu3m0wG3J+kUl1x"
      "boEcEPHYoIYMbgfSw7KGnuDKwkLzsQWhUJ0cIbOHASox1vv/5fNXkrHhGbDCHeVXm804c83nvHUEFYThr1PfyP/8HwrC"
      "tR3FX5OANtQCP61C1nJtSSkC8JSQUOrIP4CuwJjc+4WGDk+BGH5m9iuiAKkipEHWmUl8/P7XpfpWQuk4h8g3pXZOrNXr"
      "08lbh4d39svj7UqdhvOXoBISp9t/EXYuePGEtBdrKD9Dz+VHwyUPtBQvYr9BnkF88qBnaPNhS44rzwIDAQAB");
  ASSERT_TRUE(der.has_value());
  const auto key = RsaPublicKey::from_pkcs1(*der).value();
  EXPECT_EQ(fingerprint(key), "7f3f401420072e50a65a141430817ab3");
}

}  // namespace
}  // namespace cairn::integrity
