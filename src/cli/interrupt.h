// Signals. SIGINT (Ctrl-C) and SIGTERM ask the run to stop and clean up; one of them that comes
// kRepeatMillis or more after the first ends the process at once. What comes sooner is the same
// wish: a terminal and a wrapper, or a process group and a supervisor, often send two at a time.
//
// SIGHUP asks a command to stop, because its terminal is gone, and never does more than that. A
// service takes it for a wish to read its files again: there it is blocked in every thread, and
// taken from the kernel when the service gets to it, so that it can neither interrupt nor end
// anything, and several at once are one.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::cli {

inline constexpr int64_t kRepeatMillis = 500;

/// Keeps SIGHUP waiting until it is known what it means; for the calling thread and those that it
/// starts from now on. Called first of all.
void block_hangups();

/// SIGHUP asks to stop, as the other signals do; also one that waited. Does nothing where it is
/// ignored (nohup).
void stop_on_hangup();

/// Takes a SIGHUP that waits, after block_hangups(), or one that comes within `wait_ms`. Returns
/// false if none did.
bool take_hangup(int64_t wait_ms);

/// Takes over SIGINT and SIGTERM, and ignores SIGPIPE (writing then fails with EPIPE).
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
