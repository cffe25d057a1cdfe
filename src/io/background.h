// Work that may wait gives the processor to work that somebody waits for.
#pragma once

namespace cairn::io {

/// Lowers the priority of the calling thread, and of those that it starts from now on, for good.
/// Where the system does not allow it nothing changes. See setpriority(2), NOTES: of a thread.
void yield_to_others();

}  // namespace cairn::io
