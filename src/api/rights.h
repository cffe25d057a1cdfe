// Whether a caller may make a call. Every call of every operation passes these two checks; which
// things an operation is about, and what right to them it needs, is in its row (api/operations.h).
#pragma once

#include "api/operation.h"
#include "base/result.h"

namespace cairn::api {

/// Whether the caller's role may make such calls. Fails with AccessDeniedException in AWS's words.
Status check_right(const Call& call, const Operation& operation);

/// Whether the caller has the operation's right to each thing that the call is about, by
/// access::judge(). Fails with the thing's error of the verdict, as the operation does if a thing
/// does not exist, and with AccessDeniedException if the operation's row does not say what it is
/// about.
Status check_things(Features& features, const Call& call, const Operation& operation);

/// AccessDeniedException in AWS's words. `resource`: an ARN, or "" if none is known.
Error access_denied(const Call& call, std::string_view resource = {});

}  // namespace cairn::api
