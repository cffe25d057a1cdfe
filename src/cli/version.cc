#include "cli/version.h"

#include <fmt/format.h>

namespace cairn::cli {

std::string version_text() {
  return fmt::format("cairn {}", CAIRN_VERSION);
}

}  // namespace cairn::cli
