#include "api/rights.h"

#include <fmt/format.h>

namespace cairn::api {
namespace {

using access::Role;

bool allows(Role role, Right right) {
  switch (right) {
    case Right::any:
      return true;
    case Right::read_configuration:
    case Right::read_events:
      return role != Role::writer;
    case Right::change_configuration:
      return role == Role::admin || role == Role::operator_;
    case Right::put_events:
      return role == Role::admin || role == Role::operator_ || role == Role::writer;
  }
  return false;
}

}  // namespace

Status check_right(const Call& call, const Operation& operation) {
  if (allows(call.caller.role, operation.right)) return {};
  return Error{
      ErrorKind::permission_denied,
      fmt::format("User: {} is not authorized to perform: {}:{} because no identity-based "
                  "policy allows the {}:{} action",
                  call.caller.arn, call.service, operation.name, call.service, operation.name),
      "AccessDeniedException"};
}

}  // namespace cairn::api
