#include "cli/interrupt.h"

#include "cli/command.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

namespace cairn::cli {
namespace {

// A signal handler can reach nothing but what is static.
std::atomic<int> signalled = 0;
std::atomic<bool> has_unfinished = false;
char unfinished_path[4096];

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

extern "C" void on_signal(int signal) {
  if (signalled.exchange(signal) == 0) return;
  remove_unfinished_file();
  ::_exit(exit_interrupted);
}

}  // namespace

void install_interrupt_handler() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool interrupted() {
  return signalled != 0;
}

int interrupt_signal() {
  return signalled;
}

void clear_interrupt() {
  signalled = 0;
}

void remove_unfinished_file() {
  if (has_unfinished) ::unlink(unfinished_path);
}

void set_unfinished_file(const std::string& path) {
  has_unfinished = false;
  if (path.empty() || path.size() >= sizeof unfinished_path) return;
  std::memcpy(unfinished_path, path.c_str(), path.size() + 1);
  has_unfinished = true;
}

}  // namespace cairn::cli
