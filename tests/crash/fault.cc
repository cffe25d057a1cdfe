// Loaded in front of the C library (LD_PRELOAD): makes the n-th call that changes files below a
// folder fail, or end the process there, as a crash or a full disk would.
//   CAIRN_FAULT_ROOT  the folder; calls elsewhere do not count
//   CAIRN_FAULT_AT    n, from 1
//   CAIRN_FAULT_KIND  kill (the process ends before the call), torn (half of a write is done, then
//                     it ends), EIO or ENOSPC (the call and all behind it fail)
//   CAIRN_FAULT_LOG   a file that gets the number of calls at the process's end
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

enum class Kind { none, kill, torn, error };

struct Plan {
  std::string root;
  long at = 0;
  Kind kind = Kind::none;
  int code = 0;

  Plan() {
    const char* folder = std::getenv("CAIRN_FAULT_ROOT");
    const char* number = std::getenv("CAIRN_FAULT_AT");
    const char* name = std::getenv("CAIRN_FAULT_KIND");
    if (folder == nullptr) return;
    root = folder;
    at = number == nullptr ? 0 : std::strtol(number, nullptr, 10);
    const std::string text = name == nullptr ? "" : name;
    if (text == "kill") kind = Kind::kill;
    if (text == "torn") kind = Kind::torn;
    if (text == "EIO" || text == "ENOSPC") kind = Kind::error;
    code = text == "ENOSPC" ? ENOSPC : EIO;
  }
};

const Plan& plan() {
  static const Plan kMade;
  return kMade;
}

std::atomic<long> calls{0};

struct Report {
  ~Report() {
    const char* path = std::getenv("CAIRN_FAULT_LOG");
    if (path == nullptr) return;
    if (FILE* log = std::fopen(path, "we")) {
      std::fprintf(log, "%ld\n", calls.load());
      std::fclose(log);
    }
  }
} report;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool below_root(const char* path) {
  const auto& root = plan().root;
  return !root.empty() && path != nullptr && std::strncmp(path, root.c_str(), root.size()) == 0;
}

bool below_root(int descriptor) {
  if (plan().root.empty()) return false;
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  char path[4096];
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return below_root(path);
}

/// Counts a call; true when it must fail (errno is set). Does not return when the process ends.
bool strike() {
  const long number = ++calls;
  const auto& what = plan();
  if (what.kind == Kind::none || what.at == 0 || number < what.at) return false;
  if (what.kind == Kind::error) {
    errno = what.code;
    return true;
  }
  if (number == what.at) _exit(137);
  return false;
}

/// For writes: how much of it is to be done before the process ends; -1: go on as usual.
ssize_t torn_part(size_t size) {
  const auto& what = plan();
  if (what.kind != Kind::torn || calls.load() + 1 != what.at) return -1;
  return static_cast<ssize_t>(size / 2);
}

}  // namespace

// The names of the C library's parameters are its own.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const kReal = next<ssize_t(int, const void*, size_t)>("write");
  if (below_root(descriptor)) {
    if (const ssize_t part = torn_part(size); part >= 0) {
      (void)kReal(descriptor, bytes, static_cast<size_t>(part));
      _exit(137);
    }
    if (strike()) return -1;
  }
  return kReal(descriptor, bytes, size);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  static auto* const kReal = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  if (below_root(descriptor)) {
    if (const ssize_t part = torn_part(size); part >= 0) {
      (void)kReal(descriptor, bytes, static_cast<size_t>(part), offset);
      _exit(137);
    }
    if (strike()) return -1;
  }
  return kReal(descriptor, bytes, size, offset);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return pwrite64(descriptor, bytes, size, offset);
}

int fsync(int descriptor) {
  static auto* const kReal = next<int(int)>("fsync");
  return below_root(descriptor) && strike() ? -1 : kReal(descriptor);
}

int fdatasync(int descriptor) {
  static auto* const kReal = next<int(int)>("fdatasync");
  return below_root(descriptor) && strike() ? -1 : kReal(descriptor);
}

int ftruncate64(int descriptor, off64_t size) {
  static auto* const kReal = next<int(int, off64_t)>("ftruncate64");
  return below_root(descriptor) && strike() ? -1 : kReal(descriptor, size);
}

int ftruncate(int descriptor, off_t size) {
  return ftruncate64(descriptor, size);
}

int rename(const char* from, const char* to) {
  static auto* const kReal = next<int(const char*, const char*)>("rename");
  return below_root(to) && strike() ? -1 : kReal(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  static auto* const kReal = next<int(int, const char*, int, const char*)>("renameat");
  return (below_root(to) || below_root(to_folder)) && strike()
             ? -1
             : kReal(from_folder, from, to_folder, to);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static auto* const kReal = next<int(int, const char*, int, const char*, int)>("linkat");
  return (below_root(to) || below_root(to_folder)) && strike()
             ? -1
             : kReal(from_folder, from, to_folder, to, flags);
}

int unlink(const char* path) {
  static auto* const kReal = next<int(const char*)>("unlink");
  return below_root(path) && strike() ? -1 : kReal(path);
}

int unlinkat(int folder, const char* path, int flags) {
  static auto* const kReal = next<int(int, const char*, int)>("unlinkat");
  return (below_root(path) || below_root(folder)) && strike() ? -1 : kReal(folder, path, flags);
}

int mkdir(const char* path, mode_t mode) {
  static auto* const kReal = next<int(const char*, mode_t)>("mkdir");
  return below_root(path) && strike() ? -1 : kReal(path, mode);
}

int mkdirat(int folder, const char* path, mode_t mode) {
  static auto* const kReal = next<int(int, const char*, mode_t)>("mkdirat");
  return (below_root(path) || below_root(folder)) && strike() ? -1 : kReal(folder, path, mode);
}

int open64(const char* path, int flags, ...) {
  static auto* const kReal = next<int(const char*, int, ...)>("open64");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && below_root(path) && strike()) return -1;
  return kReal(path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open64(path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  static auto* const kReal = next<int(int, const char*, int, ...)>("openat64");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && (below_root(path) || below_root(folder)) && strike()) return -1;
  return kReal(folder, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return openat64(folder, path, flags, mode);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
