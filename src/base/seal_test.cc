#include "base/seal.h"

#include "base/crypto.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

const std::string kKey(kSealKeyBytes, 'k');
const std::string kNonce(kSealNonceBytes, 'n');

// Test case 14 of "The Galois/Counter Mode of Operation": zeros throughout.
TEST(Seal, AsInTheGcmSpecification) {
  const auto sealed = seal(std::string(kSealKeyBytes, '\0'), std::string(kSealNonceBytes, '\0'),
                           std::string(16, '\0'), "");
  EXPECT_EQ(to_hex(sealed.substr(kSealNonceBytes)),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Seal, OpensOnlyWithAllThatSealedIt) {
  for (const std::string plain : {"", "a secret", "x"}) {
    const auto sealed = seal(kKey, kNonce, plain, "AKIA1");
    EXPECT_EQ(sealed.find("a secret"), std::string::npos);
    EXPECT_EQ(open_sealed(kKey, sealed, "AKIA1"), plain);
    EXPECT_EQ(open_sealed(kKey, sealed, "AKIA2"), std::nullopt);
    EXPECT_EQ(open_sealed(kKey, sealed, ""), std::nullopt);
    EXPECT_EQ(open_sealed(std::string(kSealKeyBytes, 'l'), sealed, "AKIA1"), std::nullopt);
    for (size_t at = 0; at < sealed.size(); ++at) {
      auto changed = sealed;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_EQ(open_sealed(kKey, changed, "AKIA1"), std::nullopt) << at;
      EXPECT_EQ(open_sealed(kKey, sealed.substr(0, at), "AKIA1"), std::nullopt) << at;
    }
  }
}

TEST(Seal, WipesAll) {
  std::string secret = "s";
  wipe(secret);
  EXPECT_EQ(secret, "");
  wipe(secret);
}

}  // namespace
}  // namespace cairn
