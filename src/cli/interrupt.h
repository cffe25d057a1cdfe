// Ctrl-C: the first one asks the run to stop and clean up, the second one ends the process at once.
#pragma once

#include <string>

namespace cairn::cli {

/// Takes over SIGINT, SIGTERM and SIGHUP, and ignores SIGPIPE (writing then fails with EPIPE).
void install_interrupt_handler();

/// A signal asked the run to stop.
bool interrupted();

/// Which one: SIGINT, SIGTERM or SIGHUP; 0 for none.
int interrupt_signal();

/// Forgets the signal: the prompt goes on after a query was stopped.
void clear_interrupt();

/// The file that a second signal removes before the process ends; "" for none.
void set_unfinished_file(const std::string& path);

/// Removes that file. Safe in a signal handler.
void remove_unfinished_file();

}  // namespace cairn::cli
