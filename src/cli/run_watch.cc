#include "cli/run_watch.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace cairn::cli {

using Steady = std::chrono::steady_clock;

constexpr auto kSignalPoll = std::chrono::milliseconds(20);
constexpr auto kShowAfter = std::chrono::milliseconds(500);
constexpr int kPollsPerDraw = 10;
constexpr int kPollsUntilLeave = 2;

struct RunWatch::State {
  query::Session* session = nullptr;
  OnStop on_stop = OnStop::unwind;
  Steady::time_point start = Steady::now();
  std::mutex mutex;  ///< guards all below
  std::condition_variable changed;
  bool stop = false;
  bool hidden = false;
  bool shown = false;
  std::thread thread;

  void draw() {
    const std::chrono::duration<double> elapsed = Steady::now() - start;
    if (hidden || elapsed < kShowAfter) return;
    std::string line = progress_text(session->progress(), elapsed.count());
    if (line.empty()) return;
    const size_t columns = terminal_columns(STDERR_FILENO);
    if (line.size() >= columns) line.resize(columns - 1);
    print_error("\r" + line + "\033[K");
    shown = true;
  }

  void clear() {
    if (!shown) return;
    print_error("\r\033[K");
    shown = false;
  }

  /// A sort that has spilled takes long to take apart, and nobody wants it any more.
  [[noreturn]] void leave() {
    clear();
    remove_unfinished_file();
    session->remove_temporary_files();
    print_error("cairn: interrupted\n");
    ::_exit(exit_interrupted);
  }

  void run() {
    std::unique_lock lock(mutex);
    int polls_interrupted = 0;
    for (int poll = 1; !stop; ++poll) {
      changed.wait_for(lock, kSignalPoll);
      if (stop) return;
      if (interrupted()) {
        session->interrupt();
        if (on_stop == OnStop::leave && ++polls_interrupted > kPollsUntilLeave) leave();
      }
      if (poll % kPollsPerDraw == 0) draw();
    }
  }
};

RunWatch::RunWatch(query::Session& session, OnStop on_stop) : state_(std::make_unique<State>()) {
  state_->session = &session;
  state_->on_stop = on_stop;
  state_->hidden = !is_terminal(STDERR_FILENO);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

RunWatch::~RunWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
    state_->clear();
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void RunWatch::hide() {
  const std::lock_guard lock(state_->mutex);
  state_->hidden = true;
  state_->clear();
}

std::string progress_text(const query::Progress& progress, double seconds) {
  if (progress.files_total == 0) return {};
  std::string text =
      fmt::format("{}/{} files  {}/{}", with_thousands(progress.files_done),
                  with_thousands(progress.files_total), human_bytes(progress.bytes_done),
                  human_bytes(progress.bytes_total));
  if (progress.events > 0) text += fmt::format("  {} events", with_thousands(progress.events));
  if (progress.bytes_done == 0 || seconds <= 0) return text;
  const double rate = static_cast<double>(progress.bytes_done) / seconds;
  text += fmt::format("  {}/s", human_bytes(static_cast<uint64_t>(rate)));
  if (progress.bytes_total > progress.bytes_done) {
    const auto left = static_cast<uint64_t>(
        static_cast<double>(progress.bytes_total - progress.bytes_done) / rate);
    text += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  return text;
}

}  // namespace cairn::cli
