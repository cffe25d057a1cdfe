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

/// Returns whether keys of the role may make calls of this kind at all.
bool may(Role role, Right right);

/// A thing that a call is about: a trail, an event data store, a channel, a bucket.
struct Subject {
  std::string account{};      ///< the account that it belongs to
  bool organization = false;  ///< it is about the events of all accounts, not only of its own
};

enum class Verdict : uint8_t {
  allowed,
  unseen,   ///< the answer is that of a thing that does not exist
  partly,   ///< it is about events that the caller may not see: the call is denied
  foreign,  ///< it belongs to an account that the caller does not act for: the call is denied
};

/// Returns whether a caller, whose role has the right, may use it on the thing. This is the one
/// rule for all operations. A caller acts for one account, its home. It knows of the things of its
/// home if it may see that account's events, and of its organization's. It changes what it knows
/// of, if it acts for the owner and may see all events that the thing is about. It puts events into
/// things of its home, if it may see that account's events.
Verdict judge(const Caller& caller, Right right, const Subject& subject);

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
