// Whether a caller may make a call.
#pragma once

#include "api/operation.h"
#include "base/result.h"

namespace cairn::api {

/// Fails with AccessDeniedException in AWS's words.
Status check_right(const Call& call, const Operation& operation);

}  // namespace cairn::api
