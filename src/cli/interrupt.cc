#include "cli/interrupt.h"

#include "cli/command.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <ctime>

namespace cairn::cli {
namespace {

// A signal handler can reach nothing but what is static.
std::atomic<int> signalled = 0;
std::atomic<int64_t> signalled_at_ms = 0;
std::atomic<bool> has_unfinished = false;
char unfinished_path[4096];

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
              std::atomic<int64_t>::is_always_lock_free);

/// clock_gettime() is one of the functions that a signal handler may call.
int64_t monotonic_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

extern "C" void on_signal(int signal) {
  const auto now = monotonic_ms();
  if (signalled == 0) signalled_at_ms = now;  // before others can see that it is not 0
  int none = 0;
  if (signalled.compare_exchange_strong(none, signal)) return;
  if (signal == SIGHUP || now - signalled_at_ms < kRepeatMillis) return;
  remove_unfinished_file();
  ::_exit(exit_interrupted);
}

sigset_t only_hangup() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  return set;
}

struct sigaction interrupt_action() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace

void block_hangups() {
  const auto set = only_hangup();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void stop_on_hangup() {
  struct sigaction before = {};
  sigaction(SIGHUP, nullptr, &before);
  const auto action = interrupt_action();
  if (before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  const auto set = only_hangup();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool take_hangup(int64_t wait_ms) {
  const auto set = only_hangup();
  const timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &wait) == SIGHUP;
}

void install_interrupt_handler() {
  auto action = interrupt_action();
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
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
