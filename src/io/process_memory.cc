#include "io/process_memory.h"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

namespace cairn::io {
namespace {

[[maybe_unused]] constexpr int kHeapsMax = 4;

}  // namespace

// Only glibc has these; what other C libraries keep is theirs to decide.
void share_heaps() {
#if defined(__GLIBC__)
  ::mallopt(M_ARENA_MAX, kHeapsMax);
#endif
}

void return_unused_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace cairn::io
