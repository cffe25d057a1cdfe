#include "io/file.h"

#include "io/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

using FileId = std::pair<dev_t, ino_t>;

class Finder {
 public:
  Status add(const std::string& argument) {
    struct stat info {};

    if (stat(argument.c_str(), &info) == 0) return add_known(argument, info, false);
    if (argument.find_first_of("*?[") == std::string::npos)
      return system_error(fmt::format("cannot read '{}'", argument), errno);
    return add_glob(argument);
  }

  std::vector<FoundFile> take() {
    std::sort(found_.begin(), found_.end(),
              [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
    return std::move(found_);
  }

 private:
  // `a/**/b*`: everything below `a` whose path fits, with no folder between or any number of them.
  Status add_deep_glob(const std::string& pattern) {
    const auto base = pattern.substr(0, pattern.find_first_of("*?["));
    const auto folder = base.substr(0, base.rfind('/') + 1);
    Finder below;
    CAIRN_TRY(below.add(folder.empty() ? "." : folder));
    const auto any = replaced(pattern, "**", "*");
    const auto none = replaced(pattern, "**/", "");
    bool found = false;
    for (auto& file : below.take()) {
      const auto path = folder.empty() ? file.path.substr(2) : file.path;  // without "./"
      if (fnmatch(any.c_str(), path.c_str(), 0) != 0 && fnmatch(none.c_str(), path.c_str(), 0) != 0)
        continue;

      struct stat info {};

      if (stat(path.c_str(), &info) != 0) continue;
      found = true;
      CAIRN_TRY(add_known(path, info, true));
    }
    if (found) return {};
    return Error{ErrorKind::not_found, fmt::format("'{}' matches no file", pattern)};
  }

  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return text;
  }

  Status add_glob(const std::string& pattern) {
    if (pattern.find("**") != std::string::npos) return add_deep_glob(pattern);
    glob_t matches{};
    const int code = glob(pattern.c_str(), 0, nullptr, &matches);
    Status status;
    if (code == GLOB_NOMATCH)
      status = Error{ErrorKind::not_found, fmt::format("'{}' matches no file", pattern)};
    if (code != 0 && code != GLOB_NOMATCH)
      status = Error{ErrorKind::unavailable, fmt::format("cannot expand '{}'", pattern)};
    for (size_t i = 0; status.ok() && i < matches.gl_pathc; ++i) {
      struct stat info {};

      const std::string path = matches.gl_pathv[i];
      if (stat(path.c_str(), &info) == 0) status = add_known(path, info, true);
    }
    globfree(&matches);
    return status;
  }

  Status add_known(const std::string& path, const struct stat& info, bool listed) {
    if (S_ISDIR(info.st_mode)) return add_folder(path, info);
    // Pipes and devices are taken when named, but not picked up from folders.
    if (!S_ISREG(info.st_mode) && listed) return {};
    if (S_ISREG(info.st_mode) && !seen_.emplace(info.st_dev, info.st_ino).second) return {};
    found_.push_back({path, static_cast<uint64_t>(info.st_size), listed});
    return {};
  }

  Status add_folder(const std::string& path, const struct stat& info) {
    if (!seen_.emplace(info.st_dev, info.st_ino).second) return {};
    std::error_code error;
    fs::directory_iterator entries(path, error);
    if (error) return system_error(fmt::format("cannot list '{}'", path), error.value());
    for (; entries != fs::directory_iterator(); entries.increment(error)) {
      struct stat entry {};

      const std::string child = entries->path().string();
      if (stat(child.c_str(), &entry) != 0) {
        if (errno == ENOENT) continue;  // a dangling link, or gone since it was listed
        return system_error(fmt::format("cannot read '{}'", child), errno);
      }
      CAIRN_TRY(add_known(child, entry, true));
    }
    if (error) return system_error(fmt::format("cannot list '{}'", path), error.value());
    return {};
  }

  std::vector<FoundFile> found_;
  std::set<FileId> seen_;
};

}  // namespace

Error system_error(std::string_view doing, int code) {
  ErrorKind kind = ErrorKind::unavailable;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::not_found;
  if (code == EACCES || code == EPERM) kind = ErrorKind::permission_denied;
  if (code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENOMEM)
    kind = ErrorKind::exhausted;
  return Error{
      kind, fmt::format("{}: {}", doing, std::error_code(code, std::generic_category()).message())};
}

Result<File> File::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error(fmt::format("cannot open '{}'", path), errno);
  return File(descriptor);
}

Result<File> File::temporary() {
  std::error_code error;
  auto path = (fs::temp_directory_path(error) / "cairn-spool-XXXXXX").string();
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0)
    return system_error(fmt::format("cannot create a temporary file '{}'", path), errno);
  unlink(path.c_str());
  return File(descriptor);
}

File File::standard_input() {
  return File(STDIN_FILENO, false);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), owned_(other.owned_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(owned_, other.owned_);
  return *this;
}

File::~File() {
  if (owned_ && descriptor_ >= 0) close(descriptor_);
}

// It moves the position in the file. NOLINTNEXTLINE(readability-make-member-function-const)
Result<size_t> File::read(char* out, size_t max) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, out, max);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) return system_error("cannot read", errno);
  }
}

// It changes the file. NOLINTNEXTLINE(readability-make-member-function-const)
Status File::write(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) return system_error("cannot write", errno);
  return {};
}

// It changes the file. NOLINTNEXTLINE(readability-make-member-function-const)
Status File::rewind() {
  if (lseek(descriptor_, 0, SEEK_SET) < 0)
    return system_error("cannot go back to the start", errno);
  return {};
}

Result<uint64_t> File::size() const {
  struct stat info {};

  if (fstat(descriptor_, &info) != 0) return system_error("cannot tell the size", errno);
  return S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
}

Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error(fmt::format("cannot open '{}'", path), errno);
  auto bytes = read_rest(file.get(), bytes_max == SIZE_MAX ? bytes_max : bytes_max + 1);
  if (!bytes) return system_error(fmt::format("cannot read '{}'", path), errno);
  if (bytes->size() > bytes_max)
    return Error{ErrorKind::exhausted,
                 fmt::format("cannot read '{}': it is longer than {} bytes", path, bytes_max)};
  return std::move(*bytes);
}

Status write_file(const std::string& path, std::string_view bytes) {
  const std::string partial = path + ".part";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_error(fmt::format("cannot write '{}'", partial), errno);
  auto status = File(descriptor).write(bytes);
  if (status.ok() && rename(partial.c_str(), path.c_str()) != 0)
    status = system_error(fmt::format("cannot rename '{}' to '{}'", partial, path), errno);
  if (status.ok()) return status;
  unlink(partial.c_str());
  return std::move(status).error().context(fmt::format("cannot write '{}'", path));
}

Result<std::vector<FoundFile>> find_files(const std::vector<std::string>& arguments) {
  Finder finder;
  for (const auto& argument : arguments) {
    if (argument != "-") CAIRN_TRY(finder.add(argument));
  }
  auto found = finder.take();
  if (std::find(arguments.begin(), arguments.end(), "-") != arguments.end())
    found.insert(found.begin(), FoundFile{"-", 0, false});
  return found;
}

}  // namespace cairn::io
