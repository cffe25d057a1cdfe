// Files as the rest of cairn sees them: read-only handles, folder walks, globs, spools.
#pragma once

#include "base/buffer.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::io {

/// The Error for a failed system call: `doing` what, and the system's reason for `code` (an errno).
Error system_error(std::string_view doing, int code);

/// An open file descriptor, closed at the end of its life.
class File {
 public:
  /// Opens for reading. Fails with `not_found`, `permission_denied` or `unavailable`.
  static Result<File> open(const std::string& path);
  /// An unnamed file in the system's folder for temporary files, open for writing and reading.
  static Result<File> temporary();
  static File standard_input();

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  /// Up to `max` bytes; 0 at the end.
  Result<size_t> read(char* out, size_t max);
  Status write(std::string_view bytes);
  Status rewind();
  /// Size in bytes; 0 for pipes.
  Result<uint64_t> size() const;

 private:
  friend Status write_file(const std::string& path, std::string_view bytes);

  explicit File(int descriptor, bool owned = true) : descriptor_(descriptor), owned_(owned) {}

  int descriptor_;
  bool owned_;
};

/// Writes a file whole: under another name first, then renamed, so that nobody sees a part of it.
/// Replaces a file that is there.
Status write_file(const std::string& path, std::string_view bytes);

/// A file or pipe whole. Fails with `exhausted` when it is longer than `bytes_max`, and as
/// File::open().
Result<std::string> read_file(const std::string& path, size_t bytes_max = SIZE_MAX);

struct FoundFile {
  std::string path;
  uint64_t size = 0;
  bool listed = false;  ///< found within a folder or by a glob; not named by the user
};

/// All regular files that the arguments mean: files as they are, folders with all below them (links
/// are followed, loops are not), globs (`*`, `?`, `[…]`, and `**` for any depth) when no file of
/// that very name exists. In path order, each file once even if several arguments reach it. Fails
/// with `not_found` when an argument means nothing, and with `permission_denied` when a folder may
/// not be read.
Result<std::vector<FoundFile>> find_files(const std::vector<std::string>& arguments);

}  // namespace cairn::io
