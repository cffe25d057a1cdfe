// Keys to AWS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::aws {

struct Credentials {
  std::string access_key{};  ///< empty: requests go unsigned, for public buckets
  std::string secret_key{};
  std::string session_token{};          ///< of temporary ones
  std::optional<int64_t> expires_us{};  ///< microseconds since 1970, UTC

  bool anonymous() const { return access_key.empty(); }
};

}  // namespace cairn::aws
