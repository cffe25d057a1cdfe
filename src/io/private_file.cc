#include "io/private_file.h"

#include "io/descriptor.h"
#include "io/file.h"
#include "io/random.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace cairn::io {

Status make_private_file(const std::string& path, std::string_view bytes) {
  SystemRandom random;
  const auto draft = fmt::format("{}.{}", path, make_uuid(random));
  const auto doing = fmt::format("cannot write '{}'", path);
  {
    const Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return system_error(doing, errno);
    if (!write_all(file.get(), bytes) || fsync(file.get()) != 0) {
      auto error = system_error(doing, errno);
      unlink(draft.c_str());
      return error;
    }
  }
  // Unlike rename(), link() replaces nothing.
  const int linked = link(draft.c_str(), path.c_str());
  const int code = errno;
  unlink(draft.c_str());
  if (linked != 0 && code == EEXIST)
    return Error{ErrorKind::already_exists, fmt::format("'{}' is there already", path)};
  if (linked != 0) return system_error(doing, code);
  auto folder_path = std::filesystem::path(path).parent_path();
  if (folder_path.empty()) folder_path = ".";
  const Descriptor folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || fsync(folder.get()) != 0) return system_error(doing, errno);
  return {};
}

Result<std::string> read_private_file(const std::string& path, size_t bytes_max, Others others) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error(fmt::format("cannot open '{}'", path), errno);

  struct stat info {};

  if (fstat(file.get(), &info) != 0)
    return system_error(fmt::format("cannot read '{}'", path), errno);
  if (others == Others::refused && (info.st_mode & 077) != 0)
    return Error{ErrorKind::permission_denied,
                 fmt::format("'{}' holds a secret, and not only its owner may read it\n"
                             "hint: chmod 600 '{}', if nobody else has read it",
                             path, path)};
  auto bytes = read_rest(file.get(), bytes_max + 1);
  if (!bytes) return system_error(fmt::format("cannot read '{}'", path), errno);
  if (bytes->size() > bytes_max)
    return Error{ErrorKind::exhausted,
                 fmt::format("'{}' is longer than {} bytes", path, bytes_max)};
  return std::move(*bytes);
}

}  // namespace cairn::io
