// Where events are read from, what of it is wanted, and how to treat what is broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::source {

/// What a query wants, as far as the keys of log files tell: files that cannot hold such events are
/// not opened. Every set condition must hold. Times are microseconds since 1970, UTC.
struct Wanted {
  std::optional<int64_t> event_time_min_us;  ///< inclusive
  std::optional<int64_t> event_time_max_us;  ///< inclusive
  std::vector<std::string> accounts;         ///< recipientAccountId; empty: all
  std::vector<std::string> regions;          ///< awsRegion; empty: all
};

struct SourceOptions {
  std::vector<std::string> paths;  ///< files, folders, globs; "-" is standard input
  bool strict = false;             ///< the first refused file or record ends the run
  bool salvage = false;  ///< take the whole records out of a file that is otherwise refused
  bool prune = true;     ///< leave out files whose key says that they hold nothing wanted
};

}  // namespace cairn::source
