// The account of a run: every file that was seen, and what became of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::source {

enum class FileFate : uint8_t {
  read,        ///< all its records were taken
  partial,     ///< some records were refused, the others were taken
  refused,     ///< nothing was taken: damaged, or not what it says it is
  left_out,    ///< not a CloudTrail log file (digest, other service's log, junk): no fault
  pruned,      ///< its key says that it holds nothing that was asked for
  not_needed,  ///< the query had its answer before this file was opened (LIMIT)
};

/// A record or file that was refused, or an oddity that was accepted.
struct Problem {
  std::string file;
  uint64_t record = 0;  ///< 1-based number of the record within the file; 0: the file as a whole
  uint64_t offset = 0;  ///< byte in the decompressed text
  std::string reason;
  bool warning = false;  ///< nothing was lost
};

struct FileReport {
  std::string path;
  FileFate fate = FileFate::read;
  std::string reason;  ///< of refused, left_out and pruned
  uint64_t bytes = 0;  ///< as it lies there
  uint64_t events = 0;
  uint64_t records_refused = 0;
};

/// Counts are exact; `files` and `problems` are kept in full up to kProblemsMax each kind.
struct Coverage {
  static constexpr size_t kProblemsMax = 10'000;

  uint64_t files_read = 0;
  uint64_t files_partial = 0;
  uint64_t files_refused = 0;
  uint64_t files_left_out = 0;
  uint64_t files_pruned = 0;
  uint64_t files_not_needed = 0;
  uint64_t bytes_read = 0;  ///< of the files as they lie there
  uint64_t events = 0;
  uint64_t records_refused = 0;
  uint64_t records_skipped = 0;  ///< other kinds of event in a mixed stream (EventBridge): no fault
  uint64_t warnings = 0;
  std::vector<FileReport> files;  ///< in path order
  std::vector<Problem> problems;  ///< in path order

  /// Counts one file and what was found in it.
  void add(FileReport report, const std::vector<Problem>& its_problems, uint64_t skipped);

  /// Something that should have been read was not.
  bool has_failures() const { return files_refused + files_partial + records_refused > 0; }
};

}  // namespace cairn::source
