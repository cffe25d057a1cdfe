// Watches a session's queries from a thread of its own: shows how far they are, stops them on
// Ctrl-C.
#pragma once

#include "query/session.h"

#include <cstdint>
#include <memory>
#include <string>

namespace cairn::cli {

/// What follows Ctrl-C.
enum class OnStop : uint8_t {
  unwind,  ///< the query fails, the command cleans up after itself
  leave,   ///< the same, but what takes long in that is not waited for: the process ends
};

/// While it lives, Ctrl-C interrupts `session` within 20 ms, and on a terminal a progress line on
/// standard error shows what takes longer than half a second.
class RunWatch {
 public:
  /// OnStop::leave is for commands that leave nothing behind but the unfinished file of
  /// interrupt.h and the session's own temporary files, which are removed.
  explicit RunWatch(query::Session& session, OnStop on_stop = OnStop::unwind);
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;
  ~RunWatch();

  /// Clears the line and shows none from here on; call it before rows go to the same terminal.
  void hide();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `12/340 files  1.3 GB/9.0 GB  1,234,567 events  310 MB/s  0:25 left`
std::string progress_text(const query::Progress& progress, double seconds);

}  // namespace cairn::cli
