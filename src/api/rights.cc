#include "api/rights.h"

#include "access/rights.h"

#include <fmt/format.h>

namespace cairn::api {
Status check_right(const Call& call, const Operation& operation) {
  if (access::may(call.caller.role, operation.right)) return {};
  return Error{
      ErrorKind::permission_denied,
      access::denied_message(call.caller, fmt::format("{}:{}", call.service, operation.name)),
      "AccessDeniedException"};
}

}  // namespace cairn::api
