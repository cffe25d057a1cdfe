// Credentials as STS, metadata services and credential processes write them.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"

#include <string_view>

namespace cairn::aws {

/// From the answer to an STS call (AssumeRole, AssumeRoleWithWebIdentity). Fails with `corrupt`;
/// messages hold no secret.
Result<Credentials> parse_sts_credentials(std::string_view xml);

/// JSON of the instance and container metadata (`AccessKeyId`, `SecretAccessKey`, `Token`,
/// `Expiration`) and of a credential process (`SessionToken` in place of `Token`). Fails with
/// `corrupt`, and with `permission_denied` when the metadata service says that it has none.
Result<Credentials> parse_json_credentials(std::string_view json);

}  // namespace cairn::aws
