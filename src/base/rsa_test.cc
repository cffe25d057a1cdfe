#include "base/rsa.h"

#include "base/base64.h"
#include "base/crypto.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Rsa, MakesKeysSignsAndVerifies) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto signature = key.sign("a text").value();
  EXPECT_EQ(signature.size(), 256u);
  EXPECT_TRUE(key.public_key().verifies("a text", signature));
  EXPECT_FALSE(key.public_key().verifies("b text", signature));
  EXPECT_FALSE(key.public_key().verifies("a text", signature.substr(1)));
  EXPECT_FALSE(key.public_key().verifies("a text", ""));
  EXPECT_EQ(key.public_key().bits(), 2048);
  EXPECT_EQ(key.public_key().pkcs1().size(), 270u);
  EXPECT_FALSE(RsaPrivateKey::generate(2048).value().public_key().verifies("a text", signature));
}

TEST(Rsa, ReadsBackWhatItWrites) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto signature = key.sign("x").value();
  for (const auto& again :
       {RsaPrivateKey::from_pkcs8(key.pkcs8()), RsaPrivateKey::from_pem(key.pkcs8_pem())}) {
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again.value().pkcs8(), key.pkcs8());
    EXPECT_EQ(again.value().sign("x").value(), signature);
    EXPECT_EQ(again.value().public_key().pkcs1(), key.public_key().pkcs1());
  }
  const auto der = key.public_key().pkcs1();
  EXPECT_EQ(RsaPublicKey::from_pkcs1(der).value().pkcs1(), der);
  const auto pem =
      "-----BEGIN RSA PUBLIC KEY-----\n" + encode_base64(der) + "\n-----END RSA PUBLIC KEY-----\n";
  EXPECT_TRUE(RsaPublicKey::from_pem(pem).ok());
  EXPECT_TRUE(key.pkcs8_pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

TEST(Rsa, RefusesWhatIsNoKey) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto der = key.public_key().pkcs1();
  for (const auto& wrong : {std::string(), std::string("key"), der + "x", der.substr(0, 100),
                            key.pkcs8(), std::string("-----BEGIN PUBLIC KEY-----\n")}) {
    EXPECT_EQ(RsaPublicKey::from_pkcs1(wrong).error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(RsaPublicKey::from_subject_public_key_info(wrong).error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(RsaPublicKey::from_pem(wrong).error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(RsaPrivateKey::from_pem(wrong).error().kind(), ErrorKind::corrupt);
  }
  EXPECT_FALSE(RsaPublicKey::from_subject_public_key_info(der).ok());
  EXPECT_FALSE(RsaPrivateKey::from_pkcs8(der).ok());
  EXPECT_FALSE(RsaPublicKey::from_pem(key.pkcs8_pem()).ok());
  EXPECT_EQ(RsaPrivateKey::generate(512).error().kind(), ErrorKind::invalid_argument);
}

// The layout that CloudTrail documents for its keys.
TEST(Rsa, HasCloudTrailsLayoutOfPublicKeys) {
  const auto key = RsaPrivateKey::generate(2048).value();
  const auto der = key.public_key().pkcs1();
  EXPECT_EQ(to_hex(der.substr(0, 9)), "3082010a0282010100");
  EXPECT_EQ(to_hex(der.substr(265)), "0203010001");
}

}  // namespace
}  // namespace cairn
