// How a command joins the program: one `add_x` function per command, listed in program.cc. It
// declares options on a CLI11 subcommand and leaves in `invocation.run` what to do.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace cairn::cli {

/// Exit codes of every command.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,  ///< could not do it, or input was refused and is missing from the answer
  exit_usage = 2,   ///< wrong arguments, or a query that has no meaning
  exit_found = 3,   ///< a check found problems
  exit_interrupted = 130,
};

struct Invocation {
  std::function<int()> run;  ///< set by the chosen command; its value is the exit code
  /// Runs until SIGINT or SIGTERM ends it, which is how it should end: the value of `run` stands.
  /// SIGHUP is left to take_hangup().
  bool is_service = false;
};

void add_sql(CLI::App& app, Invocation& invocation);
void add_lookup(CLI::App& app, Invocation& invocation);
void add_summary(CLI::App& app, Invocation& invocation);
void add_diagnose(CLI::App& app, Invocation& invocation);
void add_timeline(CLI::App& app, Invocation& invocation);
void add_ingest(CLI::App& app, Invocation& invocation);
void add_collect(CLI::App& app, Invocation& invocation);
void add_lake(CLI::App& app, Invocation& invocation);
void add_serve(CLI::App& app, Invocation& invocation);
void add_keys(CLI::App& app, Invocation& invocation);
void add_backup(CLI::App& app, Invocation& invocation);
void add_export(CLI::App& app, Invocation& invocation);
void add_validate_logs(CLI::App& app, Invocation& invocation);
void add_generate(CLI::App& app, Invocation& invocation);
void add_columns(CLI::App& app, Invocation& invocation);
void add_completion(CLI::App& app, Invocation& invocation);
void add_man(CLI::App& app, Invocation& invocation);
void add_help(CLI::App& app, Invocation& invocation);

}  // namespace cairn::cli
