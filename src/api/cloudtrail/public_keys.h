// The public keys that prove digests.
#pragma once

#include "api/operation.h"

namespace cairn::api {

Result<Json> list_public_keys(Features& features, const Call& call);

}  // namespace cairn::api
