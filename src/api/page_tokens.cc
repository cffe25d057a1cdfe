#include "api/page_tokens.h"

#include "base/base64.h"
#include "base/crypto.h"

#include <fmt/format.h>

namespace cairn::api {
namespace {

constexpr size_t kProofBytes = 16;
constexpr size_t kTokenBytesMax = 8 << 10;  ///< longer texts are none of ours

}  // namespace

std::string PageTokens::proof(std::string_view list, std::string_view place) const {
  // The length in front keeps the two apart.
  return hmac_sha256(key_, fmt::format("{} {}{}", list.size(), list, place)).substr(0, kProofBytes);
}

std::string PageTokens::seal(std::string_view list, std::string_view place) const {
  return encode_base64(proof(list, place).append(place));
}

std::optional<std::string> PageTokens::open(std::string_view list, std::string_view token) const {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  auto bytes = decode_base64(token);
  // One text for each token: base64 has several for the same bytes.
  if (!bytes || bytes->size() < kProofBytes || encode_base64(*bytes) != token) return std::nullopt;
  auto place = bytes->substr(kProofBytes);
  const auto given = std::string_view(*bytes).substr(0, kProofBytes);
  if (!equal_in_constant_time(given, proof(list, place))) return std::nullopt;
  return place;
}

ListTokens::ListTokens(const PageTokens& tokens, std::string_view operation,
                       std::string_view caller, std::string_view of)
    : tokens_(tokens), list_(fmt::format("{}\n{}\n{}", operation, caller, of)) {}

}  // namespace cairn::api
