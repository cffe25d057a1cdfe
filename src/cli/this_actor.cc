#include "cli/this_actor.h"

#include "cli/version.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

namespace cairn::cli {
namespace {

constexpr size_t kUserBytesMax = 16 << 10;

/// The user's number if the machine has no name for it, as in many containers.
std::string user_name(uid_t id) {
  std::string buffer(kUserBytesMax, '\0');
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::to_string(id);
  return found->pw_name;
}

}  // namespace

access::KeyActor this_actor(std::string_view doing) {
  const auto id = getuid();
  return {.name = user_name(id),
          .id = fmt::format("uid:{}", id),
          .agent = fmt::format("cairn/{} {}", program_version(), doing)};
}

}  // namespace cairn::cli
