#include "io/line_file.h"

#include "io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace cairn::io {
namespace {

enum class LineFate : uint8_t { whole, absent, torn };

// A line is one write. The system may take a part of it only, when the disk becomes full: the rest
// is tried once more, and if that fails the part is cut off, unless another program has written
// behind it.
LineFate append_line(int file, std::string_view line) {
  const auto rest = [&](size_t written) { return line.substr(written); };
  size_t written = 0;
  while (written < line.size()) {
    const auto put = ::write(file, rest(written).data(), rest(written).size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;
    written += static_cast<size_t>(put);
  }
  if (written == line.size()) return LineFate::whole;
  if (written == 0) return LineFate::absent;

  struct stat info {};

  const auto part = static_cast<off_t>(written);
  const auto end = lseek(file, 0, SEEK_CUR);
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == end && end >= part &&
      ftruncate(file, end - part) == 0 && lseek(file, end - part, SEEK_SET) >= 0)
    return LineFate::absent;
  return LineFate::torn;
}

}  // namespace

bool write_line(int file, std::string_view line) {
  return append_line(file, line) == LineFate::whole;
}

Status LineFile::open() {
  Descriptor opened(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (opened.get() < 0) return system_error(fmt::format("cannot write '{}'", path_), errno);
  const std::lock_guard lock(mutex_);
  file_ = std::move(opened);
  torn_ = false;
  return {};
}

bool LineFile::write(std::string_view line) {
  std::string text;
  text.reserve(line.size() + 2);
  const std::lock_guard lock(mutex_);
  if (torn_) text += '\n';  // the part of a line stays a line of its own
  (text += line) += '\n';
  const auto fate = append_line(file_.get(), text);
  torn_ = fate == LineFate::torn || (torn_ && fate == LineFate::absent);
  return fate == LineFate::whole;
}

}  // namespace cairn::io
