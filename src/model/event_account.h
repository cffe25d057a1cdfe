// Whose an event is. Every wall between accounts asks this question, so it has one answer.
#pragma once

#include <string_view>

namespace cairn::model {

/// The account that an event belongs to: the one that received it; records from before event
/// version 1.02 do not say that, and are of the account that acted. Empty: of no account, and so in
/// nobody's part. Both are texts of their columns, "" where there is none.
constexpr std::string_view event_account(std::string_view recipient_account_id,
                                         std::string_view identity_account_id) {
  return recipient_account_id.empty() ? identity_account_id : recipient_account_id;
}

inline constexpr std::string_view kRecipientAccountColumn = "recipientAccountId";
inline constexpr std::string_view kIdentityAccountColumn = "userIdentity.accountId";

/// The same over the columns of read_cloudtrail(); '' where event_account() is empty.
inline constexpr std::string_view kEventAccountSql =
    "coalesce(nullif(recipientAccountId, ''), \"userIdentity.accountId\", '')";

/// And over the stored columns of a lake, where structs are structs.
inline constexpr std::string_view kStoredEventAccountSql =
    "coalesce(nullif(recipientAccountId, ''), \"userIdentity\".\"accountId\", '')";

}  // namespace cairn::model
