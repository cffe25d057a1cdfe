#include "api/page_tokens.h"

#include "base/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::api {
namespace {

TEST(PageTokens, GoThereAndBack) {
  const PageTokens tokens("secret");
  for (const auto& place :
       {std::string(), std::string("x"), std::string(1'000, '\0'), std::string("logs/é/\xff")})
    EXPECT_EQ(tokens.open("list", tokens.seal("list", place)), place);
}

TEST(PageTokens, BelongToTheirListCallerAndService) {
  const PageTokens tokens("secret");
  const ListTokens mine(tokens, "ListChannels", "arn:a", "x");
  const auto token = mine.seal("place");
  EXPECT_EQ(mine.open(token), "place");
  EXPECT_EQ(ListTokens(tokens, "ListTrails", "arn:a", "x").open(token), std::nullopt);
  EXPECT_EQ(ListTokens(tokens, "ListChannels", "arn:b", "x").open(token), std::nullopt);
  EXPECT_EQ(ListTokens(tokens, "ListChannels", "arn:a", "y").open(token), std::nullopt);
  EXPECT_EQ(ListTokens(PageTokens("other"), "ListChannels", "arn:a", "x").open(token),
            std::nullopt);
  EXPECT_EQ(tokens.open("ab", tokens.seal("a", "b")), std::nullopt);
}

TEST(PageTokens, EveryChangeIsNoticed) {
  const PageTokens tokens("secret");
  for (const auto* const place : {"", "a", "ab", "abc"}) {
    const auto token = tokens.seal("list", place);
    for (size_t at = 0; at < token.size(); ++at) {
      EXPECT_EQ(tokens.open("list", token.substr(0, at)), std::nullopt) << at;
      for (int byte = 0; byte < 256; ++byte) {
        auto other = token;
        other[at] = static_cast<char>(byte);
        EXPECT_EQ(tokens.open("list", other).has_value(), other == token) << other;
        EXPECT_EQ(
            tokens.open("list", token.substr(0, at) + static_cast<char>(byte) + token.substr(at)),
            std::nullopt);
      }
    }
    EXPECT_EQ(tokens.open("list", token + "="), std::nullopt);
    EXPECT_EQ(tokens.open("list", token + "\n"), std::nullopt);
  }
}

TEST(PageTokens, RefuseJunk) {
  const PageTokens tokens("secret");
  for (const auto& junk :
       {std::string(), std::string("junk"), std::string(1 << 20, 'A'), std::string("\xff\xfe"),
        encode_base64("too short"), encode_base64(std::string(16, '\0')), std::string(64, '=')})
    EXPECT_EQ(tokens.open("list", junk), std::nullopt);
}

}  // namespace
}  // namespace cairn::api
