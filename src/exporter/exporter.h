// Export: the records themselves, out of a lake or out of any log files, as CloudTrail would have
// delivered them (gzip log files in its layout) or as JSON lines. Never changes what it reads.
#pragma once

#include "base/result.h"
#include "query/session.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::exporter {

/// Which events: every set condition must hold.
struct Filter {
  std::optional<int64_t> start_us{};    ///< inclusive, microseconds since 1970
  std::optional<int64_t> end_us{};      ///< inclusive
  std::vector<std::string> accounts{};  ///< recipientAccountId; empty: all
  std::vector<std::string> regions{};
  std::string where{};  ///< in SQL, see lang::athena::fault_of_condition(); "": none
};

/// The filter as SQL: "" or ` WHERE …`.
std::string where_clause(const Filter& filter);

struct ExportReport {
  uint64_t events = 0;
  uint64_t files = 0;
  uint64_t json_bytes = 0;
};

/// One record a line, oldest first, to `write`.
Result<ExportReport> export_lines(query::Session& session, const Filter& filter,
                                  const std::function<Status(std::string_view)>& write);

struct LogFileOptions {
  std::string folder;
  std::string organization{};            ///< o-…: lay files out as its trail does
  int64_t interval_us = 300'000'000;     ///< of events that share a file
  uint64_t json_bytes_max = 50'000'000;  ///< of a file, before compression
  int gzip_level = 6;
};

/// Log files `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/…_U.json.gz` below the folder; Insights
/// events to CloudTrail-Insight. The unique part U of a name comes of the file's content, so that
/// the same events give the same files, and an export that was cut short goes on where it was.
Result<ExportReport> export_log_files(query::Session& session, const Filter& filter,
                                      const LogFileOptions& options,
                                      const std::atomic<bool>& cancelled);

}  // namespace cairn::exporter
