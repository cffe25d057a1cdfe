// Who calls, and what that one may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::access {

/// What a key may do; each operation of the API names the least that it needs (access/rights.h).
enum class Role : uint8_t {
  admin,  ///< all, keys included
  // `operator` alone is a word of the language. NOLINTNEXTLINE(readability-identifier-naming)
  operator_,  ///< trails, event data stores, channels; reads everything
  analyst,    ///< queries and event history
  auditor,    ///< reads configuration, event history, digests, log files; changes nothing
  writer,     ///< puts events, and no more
};

/// The principal of an authenticated request.
struct Caller {
  std::string access_key_id{};
  Role role = Role::auditor;
  std::string account{};  ///< 12 digits: where the caller lives; its trails are this account's
  std::string user_name{};
  std::string principal_id{};  ///< "AIDA…"
  std::string arn{};           ///< arn:aws:iam::ACCOUNT:user/NAME
  /// The accounts whose events the caller may see; empty: all.
  std::vector<std::string> accounts{};

  bool may_see(std::string_view wanted_account) const {
    if (accounts.empty()) return true;
    for (const auto& one : accounts)
      if (one == wanted_account) return true;
    return false;
  }
};

}  // namespace cairn::access
