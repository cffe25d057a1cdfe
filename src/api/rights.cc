#include "api/rights.h"

#include "access/rights.h"

#include <fmt/format.h>

namespace cairn::api {

Error access_denied(const Call& call, std::string_view resource) {
  return Error{ErrorKind::permission_denied,
               access::denied_message(call.caller,
                                      fmt::format("{}:{}", call.service, call.operation), resource),
               "AccessDeniedException"};
}

Status check_right(const Call& call, const Operation& operation) {
  if (access::may(call.caller.role, operation.right)) return {};
  return access_denied(call);
}

Status check_things(Features& features, const Call& call, const Operation& operation) {
  if (operation.about == nullptr) return access_denied(call);
  const auto things = CAIRN_TRY(operation.about(features, call));
  for (const auto& thing : things) {
    switch (access::judge(call.caller, operation.right, thing.subject)) {
      case access::Verdict::allowed:
        break;
      case access::Verdict::unseen:
        return thing.unseen;
      case access::Verdict::partly:
        return thing.denied;
      case access::Verdict::foreign:
        return thing.foreign;
    }
  }
  return {};
}

}  // namespace cairn::api
