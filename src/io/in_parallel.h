// The same work for each of many things, several at once.
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstddef>
#include <functional>

namespace cairn::io {

/// Calls `work(i)` once for each i below `count`, on up to `threads` threads, the calling one among
/// them. The first failure ends it: what was not begun is not done. So does `cancelled`, which any
/// thread may set; it then fails with `unavailable`, "interrupted".
Status in_parallel(size_t count, size_t threads, const std::function<Status(size_t)>& work,
                   const std::atomic<bool>* cancelled = nullptr);

}  // namespace cairn::io
