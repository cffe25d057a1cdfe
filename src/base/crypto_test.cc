#include "base/crypto.h"

#include "base/base64.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Crypto, Sha256OfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Crypto, Sha1OfFips180) {
  EXPECT_EQ(to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Crypto, Sha256InPiecesIsTheSameAndBeginsAnew) {
  Sha256Stream stream;
  for (int round = 0; round < 2; ++round) {
    stream.add("a");
    stream.add("");
    stream.add("bc");
    EXPECT_EQ(stream.finish(), sha256("abc"));
  }
}

TEST(Crypto, HmacOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(to_hex(hmac_sha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, Md5OfRfc1321) {
  EXPECT_EQ(to_hex(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Crypto, ComparesSecrets) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Crypto, Base64OfRfc4648) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
  EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
  for (const std::string text : {"\xff\xfe\x01", "\x80", "any carnal pleas"})
    EXPECT_EQ(decode_base64(encode_base64(text)), text);
}

TEST(Hex, ReadsBackAndRefusesTheRest) {
  EXPECT_EQ(from_hex(to_hex("\x01\xFEz")), "\x01\xFEz");
  EXPECT_EQ(from_hex("fF"), "\xFF");
  EXPECT_EQ(from_hex(""), "");
  for (const auto* wrong : {"f", "fg", "0x", " 1", "é"}) EXPECT_EQ(from_hex(wrong), std::nullopt);
}

}  // namespace
}  // namespace cairn
