// Tokens by which a client goes on with a list: the place where the page ended, with a proof that
// this service gave it to this caller for this list.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

/// Thread-safe.
class PageTokens {
 public:
  /// `key` is secret. Services that are to take each other's tokens have the same one.
  explicit PageTokens(std::string key) : key_(std::move(key)) {}

  /// `list`: the operation and whatever else a token must not be carried to.
  std::string seal(std::string_view list, std::string_view place) const;

  /// The place; nullopt for all but a token that seal() made for the same list.
  std::optional<std::string> open(std::string_view list, std::string_view token) const;

 private:
  std::string proof(std::string_view list, std::string_view place) const;

  const std::string key_;
};

/// The tokens of one list of one caller. Borrows the tokens.
class ListTokens {
 public:
  /// `caller`: the ARN of who asks.
  ListTokens(const PageTokens& tokens, std::string_view operation, std::string_view caller,
             std::string_view of = "");

  std::string seal(std::string_view place) const { return tokens_.seal(list_, place); }

  std::optional<std::string> open(std::string_view token) const {
    return tokens_.open(list_, token);
  }

 private:
  const PageTokens& tokens_;
  std::string list_;
};

}  // namespace cairn::api
