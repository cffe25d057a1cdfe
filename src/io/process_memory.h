// How much memory a process that runs for months keeps.
#pragma once

namespace cairn::io {

/// Makes all threads share a few heaps, instead of up to eight for each processor, of which each
/// keeps what its threads needed most. To be called before threads start. See mallopt(3).
void share_heaps();

/// Gives memory that is not in use back to the system. Takes some milliseconds.
void return_unused_memory();

}  // namespace cairn::io
