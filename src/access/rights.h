// Which role may do what, and how AWS says no.
#pragma once

#include "access/caller.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::access {

/// What an operation needs its caller to be.
enum class Right : uint8_t {
  read_configuration,    ///< admin, operator, analyst, auditor
  change_configuration,  ///< admin, operator
  read_events,           ///< admin, operator, analyst, auditor
  put_events,            ///< admin, operator, writer
  any,                   ///< whoever has a key
};

bool may(Role role, Right right);

/// "operator"
std::string_view role_name(Role role);
std::optional<Role> role_named(std::string_view name);

/// All names, from the most powerful to the least.
std::span<const std::string_view> role_names();

/// In AWS's words: `User: ARN is not authorized to perform: cloudtrail:CreateTrail on resource: …
/// because no identity-based policy allows the cloudtrail:CreateTrail action`. `action` is
/// "cloudtrail:CreateTrail"; `resource` an ARN, or "" where none is known.
std::string denied_message(const Caller& caller, std::string_view action,
                           std::string_view resource = {});

}  // namespace cairn::access
