// Where a command's answer goes: standard output, or a file that appears whole or not at all.
#pragma once

#include "base/result.h"
#include "render/row_writer.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace cairn::cli {

/// Bytes to a descriptor, buffered. EPIPE is reported by reader_gone().
class DescriptorSink final : public render::ByteSink {
 public:
  /// Borrows `descriptor`; `name` is for messages. `before_first` is called before anything is
  /// written to the descriptor.
  DescriptorSink(int descriptor, std::string name, std::function<void()> before_first = nullptr);

  /// Fails with `unavailable`.
  Status write(std::string_view bytes) override;
  Status flush();

  /// The reader of the pipe went away, so that nobody misses what is not written.
  bool reader_gone() const { return reader_gone_; }

 private:
  int descriptor_;
  std::string name_;
  std::function<void()> before_first_;
  std::string buffer_;
  bool reader_gone_ = false;
};

/// A file being written under another name in the same folder. Without commit() nothing of it
/// stays, also after Ctrl-C. An existing file is replaced, and stays as it was until then.
class OutputFile {
 public:
  /// `unavailable`, `permission_denied` or `not_found`, naming the file.
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  int descriptor() const { return descriptor_; }

  /// Where it is until commit(), for writers that open files by name.
  const std::string& unfinished_path() const { return unfinished_path_; }

  /// Syncs and gives the file its name.
  Status commit();

 private:
  OutputFile(std::string path, std::string unfinished_path, int descriptor);

  std::string path_;
  std::string unfinished_path_;  ///< "" after commit
  int descriptor_;
};

}  // namespace cairn::cli
