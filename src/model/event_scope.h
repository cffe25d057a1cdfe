// Whether an event says of which account and Region it is, in a form that these have.
#pragma once

#include <string>
#include <string_view>

namespace cairn::model {

/// Why an event cannot be assigned to an account and a Region; empty if it can. Arguments are the
/// raw JSON values of recipientAccountId and awsRegion, empty where they are absent. Values that
/// are absent, null or an empty string are no fault: old records lack them. A number of 12 digits
/// is taken for the account that it shows.
std::string scope_fault(std::string_view recipient_account, std::string_view region);

}  // namespace cairn::model
