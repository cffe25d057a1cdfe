#include "cli/progress_watch.h"

#include "cli/interrupt.h"
#include "cli/terminal.h"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace cairn::cli {

using Steady = std::chrono::steady_clock;

constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr int kPollsPerLine = 10;
constexpr double kShowAfterSeconds = 0.5;

ProgressWatch::ProgressWatch(std::atomic<bool>& cancelled,
                             std::function<std::string(double seconds)> text)
    : cancelled_(cancelled), text_(std::move(text)), thread_([this] { run(); }) {}

ProgressWatch::~ProgressWatch() {
  done_ = true;
  thread_.join();
  if (shown_) print_error("\r\x1b[K");
}

void ProgressWatch::run() {
  const auto began = Steady::now();
  const bool terminal = is_terminal(STDERR_FILENO);
  for (int poll = 0; !done_; ++poll) {
    std::this_thread::sleep_for(kPoll);
    if (interrupted()) cancelled_ = true;
    const double seconds = std::chrono::duration<double>(Steady::now() - began).count();
    if (!terminal || seconds < kShowAfterSeconds || poll % kPollsPerLine != 0) continue;
    shown_ = true;
    print_error("\r\x1b[K" + text_(seconds));
  }
}

}  // namespace cairn::cli
