#include "io/append_file.h"

#include "io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace cairn::io {

Result<AppendFile> AppendFile::create(const std::string& path) {
  Descriptor opened(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (opened.get() < 0) return system_error(fmt::format("cannot write '{}'", path), errno);
  return AppendFile(std::move(opened));
}

Status AppendFile::append(std::string_view bytes) {
  const auto written = ::write(descriptor_.get(), bytes.data(), bytes.size());
  if (written == static_cast<ssize_t>(bytes.size())) {
    size_ += bytes.size();
    return {};
  }
  const int code = written < 0 ? errno : ENOSPC;
  // A part would put what follows out of its place.
  if (written > 0 && ftruncate(descriptor_.get(), static_cast<off_t>(size_)) != 0)
    size_ += static_cast<uint64_t>(written);
  return system_error("cannot write", code);
}

}  // namespace cairn::io
