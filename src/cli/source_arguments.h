// The options that every command which reads events has (log files, or a lake), and how such a run
// ends: what was refused is named on standard error, `--coverage` accounts for every file, the exit
// code tells.
#pragma once

#include "base/result.h"
#include "cli/lake_arguments.h"
#include "query/session.h"
#include "source/coverage.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace cairn::cli {

struct SourceArguments {
  std::vector<std::string> from;
  bool strict = false;
  bool salvage = false;
  bool no_prune = false;
  int threads = 0;       ///< 0: one per core
  std::string coverage;  ///< "" (no report), "text" or "json"
  LakeArguments lake;
  std::string as_of;                  ///< snapshot or time; "": now
  std::vector<std::string> accounts;  ///< of query::SessionOptions; empty: all there are
  bool sandboxed = false;
};

/// Declares --from, --strict, --salvage, --no-prune, --coverage, --threads, --lake, --catalog and
/// --as-of. `arguments` must
/// outlive the parsing and the run; keep it in a std::shared_ptr that `Invocation::run` captures.
void add_source_options(CLI::App& command, SourceArguments& arguments);

/// Whether open_session() will read a lake: one is named, or nothing is and the default one is
/// there.
bool reads_lake(const SourceArguments& arguments);

/// A session over what the arguments name: log files, or a lake. With neither, over the default
/// lake if there is one, else over standard input unless that is a terminal (`invalid_argument`,
/// with a hint). Queries of one's own (not through print_query) stop
/// on Ctrl-C and show progress while a RunWatch (run_watch.h) of the session lives.
Result<query::Session> open_session(const SourceArguments& arguments);

/// Ends a run that read files: says on standard error what was refused, prints the coverage report
/// if it was asked for, and gives the exit code: exit_done, or exit_failed when data is missing
/// from the answer.
int finish_run(const SourceArguments& arguments, const source::Coverage& coverage);

/// Prints `cairn: <message>` on standard error, control characters made visible, and gives the exit
/// code that fits the kind: exit_usage for invalid_argument, exit_interrupted after Ctrl-C, else
/// exit_failed.
int fail(const Error& error);

/// A point in time as a person writes it for `option`: ISO 8601 in UTC unless it has an offset,
/// `now`, or a span before now such as `24h` or `7d`. Anything else is `invalid_argument`.
Result<int64_t> parse_time_argument(std::string_view option, std::string_view text, int64_t now_us);

}  // namespace cairn::cli
