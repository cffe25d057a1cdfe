#include "io/background.h"

#include <sys/resource.h>

namespace cairn::io {

void yield_to_others() {
  constexpr int kNice = 10;  // about a tenth of a busy processor
  ::setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace cairn::io
