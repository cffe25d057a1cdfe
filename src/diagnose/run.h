// Runs a diagnosis over a session's events.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "diagnose/diagnosis.h"
#include "diagnose/report.h"
#include "query/session.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::diagnose {

struct RunOptions {
  std::optional<int64_t> start_us;          ///< inclusive
  std::optional<int64_t> end_us;            ///< inclusive; without it the newest event in the logs
  int64_t window_us = 48 * kMicrosPerHour;  ///< before the end, where no start is given
  bool whole = false;                       ///< all of the logs
  std::string region;                       ///< empty: all
  std::string output;                       ///< folder to write into; empty: the current one
  bool write = true;                        ///< write the folder
  bool classic = false;                     ///< the original's calls, rules and files
};

/// What was read is in `session.coverage()` afterwards; what of it is missing is said in the report
/// too. Fails when nothing can be read, when the folder cannot be written, or on interrupt; then no
/// folder is left behind. `now_us` names the folder, nothing else.
Result<Report> run(query::Session& session, const Diagnosis& diagnosis, const RunOptions& options,
                   int64_t now_us);

}  // namespace cairn::diagnose
