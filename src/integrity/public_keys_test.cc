#include "integrity/public_keys.h"

#include "base/base64.h"
#include "integrity/signing_key.h"
#include "integrity/testing/chain_maker.h"
#include "io/file.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace cairn::integrity {
namespace {

using testing::test_key;

std::string list_of(std::string_view value, std::string_view times) {
  return fmt::format(R"({{"PublicKeyList":[{{"Value":"{}",{}"Fingerprint":"f1"}}]}})", value,
                     times);
}

TEST(PublicKeys, reads_what_the_aws_cli_and_the_service_print) {
  const auto value = encode_base64(test_key().public_der());
  for (const auto* times :
       {R"("ValidityStartTime":"2025-03-01T00:00:00Z","ValidityEndTime":1743465600,)",
        R"("ValidityStartTime":1740787200.0,"ValidityEndTime":1743465600.0,)"}) {
    PublicKeys keys;
    ASSERT_TRUE(keys.add_file(" \n" + list_of(value, times)).ok());
    const auto* key = keys.find("f1");
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->key->pkcs1(), test_key().public_der());
    EXPECT_EQ(key->valid_from_us, 1'740'787'200'000'000);
    EXPECT_EQ(key->valid_to_us, 1'743'465'600'000'000);
    EXPECT_EQ(keys.find("f2"), nullptr);
  }
}

TEST(PublicKeys, keeps_keys_that_cannot_be_loaded) {
  for (const auto* value : {"", "AAAA", "no base64!"}) {
    PublicKeys keys;
    ASSERT_TRUE(
        keys.add_list(list_of(value, R"("ValidityStartTime":[],"ValidityEndTime":1e300,)")).ok());
    ASSERT_NE(keys.find("f1"), nullptr);
    EXPECT_FALSE(keys.find("f1")->key);
    EXPECT_FALSE(keys.find("f1")->valid_from_us);
    EXPECT_FALSE(keys.find("f1")->valid_to_us);
  }
}

TEST(PublicKeys, refuses_the_rest) {
  for (const auto* wrong :
       {"", "{", "{}", "[]", R"({"PublicKeyList":5})", R"({"PublicKeyList":[5]})",
        R"({"PublicKeyList":[{"Value":"x"}]})", R"({"PublicKeyList":[{"Fingerprint":"x"}]})",
        "-----BEGIN PUBLIC KEY-----", "some text"}) {
    SCOPED_TRACE(wrong);
    PublicKeys keys;
    EXPECT_EQ(keys.add_file(wrong).error().kind(), ErrorKind::corrupt);
  }
}

TEST(PublicKeys, reads_folders_of_files) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "public_keys_test";
  std::filesystem::create_directories(folder / "below");
  const auto other = SigningKey::generate().value();
  const auto pem = [](const SigningKey& key) {
    return "-----BEGIN RSA PUBLIC KEY-----\n" + encode_base64(key.public_der()) +
           "\n-----END RSA PUBLIC KEY-----\n";
  };
  ASSERT_TRUE(io::write_file(folder / "below/a.der", test_key().public_der()).ok());
  ASSERT_TRUE(io::write_file(folder / "b.pem", pem(test_key()) + pem(other)).ok());
  ASSERT_TRUE(io::write_file(folder / "README", "no key").ok());
  const auto keys = read_public_keys(folder).value();
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_NE(keys.find(other.fingerprint()), nullptr);
  EXPECT_NE(keys.find(test_key().fingerprint()), nullptr);
  EXPECT_EQ(read_public_keys(folder / "README").error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(read_public_keys(folder / "absent").error().kind(), ErrorKind::not_found);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cairn::integrity
