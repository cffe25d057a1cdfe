// Who runs this program, as the events that record changes of keys say.
#pragma once

#include "access/keys.h"

#include <string_view>

namespace cairn::cli {

/// The user of this machine. `doing`: the command without the program, such as "keys create".
access::KeyActor this_actor(std::string_view doing);

}  // namespace cairn::cli
