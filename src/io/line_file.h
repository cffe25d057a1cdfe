// A log file of lines: a line is in it whole, or not at all.
#pragma once

#include "base/result.h"
#include "io/descriptor.h"

#include <mutex>
#include <string>
#include <string_view>

namespace cairn::io {

/// Writes `line`, which ends with a line end, to an open file. False: it is not there,
/// and what was written of it was taken back where the file allows that (a pipe does not).
bool write_line(int file, std::string_view line);

/// A file that lines are appended to. Thread-safe; other programs may move the file away.
class LineFile {
 public:
  explicit LineFile(std::string path) : path_(std::move(path)), file_(-1) {}

  /// Opens the file, or makes it with mode 0600. Again: opens what has that name now. Fails as
  /// system calls do.
  Status open();

  /// Appends `line` and a line end. False: the line is lost, and the file is as it was before.
  bool write(std::string_view line);

 private:
  const std::string path_;
  std::mutex mutex_;
  Descriptor file_;
  bool torn_ = false;  ///< a part of a line could not be taken back
};

}  // namespace cairn::io
