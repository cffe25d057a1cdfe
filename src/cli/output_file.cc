#include "cli/output_file.h"

#include "cli/interrupt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace cairn::cli {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr mode_t kNewFileMode = 0666;

Error file_error(std::string_view doing, const std::string& path, int number) {
  ErrorKind kind = ErrorKind::unavailable;
  if (number == EACCES || number == EPERM || number == EROFS) kind = ErrorKind::permission_denied;
  if (number == ENOENT || number == ENOTDIR) kind = ErrorKind::not_found;
  return {kind, fmt::format("cannot {} {}: {}", doing, path, std::strerror(number))};
}

std::string in_quotes(const std::string& path) {
  return "'" + path + "'";
}

/// The mode of the file that is replaced, or that of a new file.
mode_t wanted_mode(const std::string& path) {
  struct stat known = {};
  if (::stat(path.c_str(), &known) == 0) return known.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return kNewFileMode & ~mask;
}

/// Follows links, so that the file behind a link is replaced and not the link.
std::string real_path(const std::string& path) {
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string text = real;
  std::free(real);
  return text;
}

}  // namespace

DescriptorSink::DescriptorSink(int descriptor, std::string name, std::function<void()> before_first)
    : descriptor_(descriptor), name_(std::move(name)), before_first_(std::move(before_first)) {}

Status DescriptorSink::write(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() < kBufferBytes ? Status() : flush();
}

Status DescriptorSink::flush() {
  if (!buffer_.empty() && before_first_) std::exchange(before_first_, nullptr)();
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR && !interrupted()) continue;
    if (written < 0) {
      const int number = errno;
      reader_gone_ = number == EPIPE;
      buffer_.clear();
      return file_error("write", name_, number);
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
  return {};
}

OutputFile::OutputFile(std::string path, std::string unfinished_path, int descriptor)
    : path_(std::move(path)),
      unfinished_path_(std::move(unfinished_path)),
      descriptor_(descriptor) {
  set_unfinished_file(unfinished_path_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      unfinished_path_(std::exchange(other.unfinished_path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (unfinished_path_.empty()) return;
  ::unlink(unfinished_path_.c_str());
  set_unfinished_file("");
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  struct stat known = {};
  if (::stat(path.c_str(), &known) == 0 && !S_ISREG(known.st_mode))
    return Error(ErrorKind::invalid_argument,
                 fmt::format("cannot write '{}': it is not a regular file", path));
  const std::string target = real_path(path);
  const size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : target.substr(0, slash + 1);
  std::string unfinished = folder + ".cairn-unfinished-XXXXXX";
  const int descriptor = ::mkostemp(unfinished.data(), O_CLOEXEC);
  if (descriptor < 0) return file_error("write", in_quotes(path), errno);
  if (::fchmod(descriptor, wanted_mode(target)) != 0) {
    const int number = errno;
    ::close(descriptor);
    ::unlink(unfinished.c_str());
    return file_error("write", in_quotes(path), number);
  }
  return OutputFile(target, unfinished, descriptor);
}

Status OutputFile::commit() {
  // Opened anew: a writer that goes by name may have put another file in its place.
  const int descriptor = ::open(unfinished_path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file_error("write", in_quotes(path_), errno);
  const int synced = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (synced != 0) return file_error("write", in_quotes(path_), synced);
  if (::rename(unfinished_path_.c_str(), path_.c_str()) != 0)
    return file_error("write", in_quotes(path_), errno);
  unfinished_path_.clear();
  set_unfinished_file("");
  return {};
}

}  // namespace cairn::cli
