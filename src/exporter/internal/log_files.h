// Records in the order of their files become log files.
#pragma once

#include "base/gzip.h"
#include "base/result.h"
#include "exporter/exporter.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::exporter {

/// What records of one file have in common.
struct FileGroup {
  std::string account;
  std::string region;
  bool insight = false;
  int64_t interval = 0;  ///< number of the interval of LogFileOptions since 1970

  bool operator==(const FileGroup&) const = default;
};

/// Gathers the records of one file, and writes it when the next record belongs to another.
class LogFiles {
 public:
  explicit LogFiles(const LogFileOptions& options) : options_(options), gzip_(options.gzip_level) {}

  Status add(const FileGroup& group, std::string_view record);
  Status finish();

  const ExportReport& report() const { return report_; }

 private:
  std::string path() const;

  const LogFileOptions& options_;
  Gzip gzip_;
  FileGroup group_;
  std::string text_;
  std::string compressed_;
  uint64_t records_ = 0;
  ExportReport report_;
};

/// Appends a JSON text without the line ends that may stand between its parts.
void append_on_one_line(std::string& out, std::string_view json);

}  // namespace cairn::exporter
