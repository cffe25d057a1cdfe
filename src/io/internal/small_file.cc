#include "io/internal/small_file.h"

#include "io/descriptor.h"
#include "io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace cairn::io::internal {
namespace {

constexpr size_t kBytesMax = 1 << 20;

// The shell, in a process group of its own, with its output into `output`; -1 when it cannot start.
pid_t start(const std::string& command, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);  // a service blocks SIGHUP for itself
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  char* const arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ) != 0) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return child;
}

// True at the end of the output, false when time or room ran out.
bool read_all(int descriptor, int64_t timeout_ms, std::string& out) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (left.count() <= 0) return false;
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char bytes[4096];
    const auto count = ::read(descriptor, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    out.append(bytes, static_cast<size_t>(count));
    if (out.size() > kBytesMax) return false;
  }
}

}  // namespace

Result<std::string> read_small_file(const std::string& path) {
  return read_file(path, kBytesMax);
}

Result<std::string> run_command(const std::string& command, int64_t timeout_ms) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot start a process", errno);
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const pid_t child = start(command, writing.get());
  if (child < 0) return Error{ErrorKind::unavailable, "cannot start a process"};
  writing = Descriptor(-1);
  std::string out;
  const bool whole = read_all(reading.get(), timeout_ms, out);
  if (!whole) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole)
    return Error{ErrorKind::unavailable,
                 fmt::format("it did not end within {} s", timeout_ms / 1000)};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return out;
  return Error{ErrorKind::unavailable,
               WIFEXITED(status) ? fmt::format("it ended with status {}", WEXITSTATUS(status))
                                 : std::string("it was killed")};
}

}  // namespace cairn::io::internal
