#include "io/file_cache.h"

#include "base/crypto.h"
#include "io/descriptor.h"
#include "io/file.h"
#include "io/random.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace cairn::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockSuffix = ".lock";
constexpr size_t kChecksumBytes = 32;
constexpr uint64_t kSmallFileMax = 1'000'000'000;  ///< of read()

Error cache_error(std::string_view doing, int code) {
  auto error = system_error(doing, code);
  std::string_view hint;
  if (code == ENOSPC || code == EDQUOT)
    hint = "make room on the disk, or name a folder on another one with --lake-cache";
  if (code == EROFS || code == EACCES || code == EPERM || code == EOPNOTSUPP || code == EXDEV)
    hint = "--lake-cache names another folder, on a disk of this machine";
  if (hint.empty()) return error;
  return Error{error.kind(), fmt::format("{}\nhint: {}", error.message(), hint)};
}

bool same_file(int descriptor, const std::string& path) {
  struct stat open_one {};

  struct stat named {};

  return fstat(descriptor, &open_one) == 0 && lstat(path.c_str(), &named) == 0 &&
         open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/// The file, made if it is missing, locked for this owner alone; nullopt when another has it. The
/// lock goes with the process.
Result<std::optional<Descriptor>> lock_file(const std::string& path) {
  for (;;) {
    Descriptor file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) return cache_error(fmt::format("cannot make '{}'", path), errno);
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::optional<Descriptor>();
      if (errno == EINTR) continue;
      return cache_error(fmt::format("cannot lock '{}'", path), errno);
    }
    // Who had it before may have renamed or removed it.
    if (same_file(file.get(), path)) return std::optional<Descriptor>(std::move(file));
  }
}

Status write_at(int file, uint64_t offset, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return cache_error(fmt::format("cannot write to the cache '{}'", path), errno);
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
  }
  return {};
}

Result<std::string> read_at(int file, uint64_t offset, size_t length, const std::string& path) {
  auto bytes = io::read_at(file, offset, length);
  if (!bytes) return cache_error(fmt::format("cannot read '{}'", path), errno);
  return std::move(*bytes);
}

/// 0, or an errno. A signal cuts it short.
int allocate(int file, uint64_t bytes) {
  int code = EINTR;
  while (code == EINTR) code = posix_fallocate(file, 0, static_cast<off_t>(bytes));
  return code;
}

/// Used now.
void touch(const std::string& path) {
  (void)utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

struct Kept {
  std::string path;
  uint64_t bytes = 0;
  int64_t used_ns = 0;
  bool in_use = false;
};

/// Regular files of a folder.
std::vector<Kept> list(const std::string& folder) {
  std::vector<Kept> found;
  std::error_code none;
  for (fs::directory_iterator at(folder, none), end; !none && at != end; at.increment(none)) {
    struct stat info {};

    if (lstat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    found.push_back({.path = at->path().string(),
                     .bytes = static_cast<uint64_t>(info.st_size),
                     .used_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec,
                     .in_use = info.st_nlink > 1});
  }
  return found;
}

void remove_folder(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace

struct CachePins::State {
  std::shared_ptr<FileCache> cache;
  std::string name;
  Descriptor lock;

  State(std::shared_ptr<FileCache> of, std::string named, Descriptor locked)
      : cache(std::move(of)), name(std::move(named)), lock(std::move(locked)) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::string folder() const { return cache->use(name); }

  std::string link(std::string_view file) const { return fmt::format("{}/{}", folder(), file); }

  ~State() {
    remove_folder(folder());
    (void)unlink((folder() + std::string(kLockSuffix)).c_str());
    cache->make_room(0);  // what was in use may be too much now
  }
};

struct CacheDownload::State {
  FileCache& cache;
  std::string name;
  Descriptor file;
  bool done = false;

  State(FileCache& of, std::string named, Descriptor locked)
      : cache(of), name(std::move(named)), file(std::move(locked)) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::string path() const { return cache.partial(name); }

  ~State() {
    if (!done) (void)unlink(path().c_str());  // while it is locked
  }
};

// ---------------------------------------------------------------------------------------- pins

CachePins::CachePins(std::unique_ptr<State> state) : state_(std::move(state)) {}

CachePins::CachePins(CachePins&&) noexcept = default;
CachePins& CachePins::operator=(CachePins&&) noexcept = default;
CachePins::~CachePins() = default;

Result<CachePins> CachePins::open(std::shared_ptr<FileCache> cache) {
  constexpr int kTriesMax = 1000;
  SystemRandom random;
  std::string name;
  std::optional<Descriptor> lock;
  // Whoever clears away what the dead left may try a new lock before its maker has it.
  for (int tries = 0; !lock; ++tries) {
    name = fmt::format("{:016x}", random.next());
    const auto path = cache->use(name + std::string(kLockSuffix));
    lock = CAIRN_TRY(lock_file(path));
    if (!lock && tries == kTriesMax)
      return Error{ErrorKind::unavailable, fmt::format("cannot lock '{}'", path)};
  }
  for (const auto& other : list(cache->use(""))) {
    const fs::path path(other.path);
    if (path.extension() != kLockSuffix || path.stem() == name) continue;
    const auto dead = lock_file(other.path);
    if (!dead.ok() || !dead.value()) continue;
    remove_folder(cache->use(path.stem().string()));
    (void)unlink(other.path.c_str());
  }
  auto state = std::make_unique<State>(std::move(cache), name, std::move(*lock));
  if (mkdir(state->folder().c_str(), S_IRWXU) != 0)
    return cache_error(fmt::format("cannot make '{}'", state->folder()), errno);
  return CachePins(std::move(state));
}

Result<std::optional<std::string>> CachePins::take(const std::string& name, uint64_t size_bytes) {
  using Found = std::optional<std::string>;
  const auto path = state_->cache->file(name);
  auto link = state_->link(name);
  if (::link(path.c_str(), link.c_str()) != 0) {
    if (errno == EEXIST) return Found(std::move(link));  // taken before
    if (errno == ENOENT) return Found();
    return cache_error(fmt::format("cannot use '{}'", path), errno);
  }

  struct stat info {};

  if (lstat(link.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
      static_cast<uint64_t>(info.st_size) == size_bytes) {
    touch(link);
    return Found(std::move(link));
  }
  discard(name);
  return Found();
}

void CachePins::discard(const std::string& name) {
  (void)unlink(state_->link(name).c_str());
  state_->cache->drop(name);
}

Result<std::string> CachePins::read(const std::string& name, uint64_t offset, size_t length) {
  const auto path = state_->link(name);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.get() < 0) return cache_error(fmt::format("cannot read '{}'", path), errno);
  return read_at(file.get(), offset, length, path);
}

// ------------------------------------------------------------------------------------ download

CacheDownload::CacheDownload(std::unique_ptr<State> state) : state_(std::move(state)) {}

CacheDownload::CacheDownload(CacheDownload&&) noexcept = default;
CacheDownload& CacheDownload::operator=(CacheDownload&&) noexcept = default;
CacheDownload::~CacheDownload() = default;

Status CacheDownload::write(uint64_t offset, std::string_view bytes) {
  return write_at(state_->file.get(), offset, bytes, state_->path());
}

Result<std::string> CacheDownload::read(uint64_t offset, size_t length) {
  return read_at(state_->file.get(), offset, length, state_->path());
}

Result<std::string> CacheDownload::finish(CachePins& pins, bool keep) {
  auto link = pins.state_->link(state_->name);
  if (keep && fdatasync(state_->file.get()) != 0)
    return cache_error(fmt::format("cannot write to the cache '{}'", state_->path()), errno);
  if (::link(state_->path().c_str(), link.c_str()) != 0)
    return cache_error(fmt::format("cannot use '{}'", state_->path()), errno);
  if (!keep) return link;  // the partial file goes with this object
  if (rename(state_->path().c_str(), state_->cache.file(state_->name).c_str()) != 0)
    return cache_error(fmt::format("cannot rename '{}'", state_->path()), errno);
  state_->done = true;
  return link;
}

Status CacheDownload::finish() {
  if (fdatasync(state_->file.get()) != 0 ||
      rename(state_->path().c_str(), state_->cache.file(state_->name).c_str()) != 0)
    return cache_error(fmt::format("cannot write to the cache '{}'", state_->path()), errno);
  state_->done = true;
  return {};
}

// --------------------------------------------------------------------------------------- cache

Result<std::shared_ptr<FileCache>> FileCache::open(FileCacheOptions options) {
  std::error_code code;
  const auto folder = fs::absolute(options.folder, code).lexically_normal();
  if (options.folder.empty() || code)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is no folder for a cache", options.folder)};
  options.folder = folder.string();
  std::shared_ptr<FileCache> cache(new FileCache(std::move(options)));
  if (!fs::is_directory(folder, code)) {
    fs::create_directories(folder.parent_path(), code);
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return cache_error(fmt::format("cannot make the cache '{}'", folder.string()), errno);
  }
  for (const auto& below : {cache->file(""), cache->partial(""), cache->use("")})
    if (mkdir(below.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return cache_error(fmt::format("cannot make '{}'", below), errno);
  return cache;
}

std::string FileCache::file(std::string_view name) const {
  return fmt::format("{}/files/{}", options_.folder, name);
}

std::string FileCache::partial(std::string_view name) const {
  return fmt::format("{}/partial/{}", options_.folder, name);
}

std::string FileCache::use(std::string_view name) const {
  return fmt::format("{}/use/{}", options_.folder, name);
}

Result<std::optional<CacheDownload>> FileCache::begin(const std::string& name,
                                                      uint64_t size_bytes) {
  const auto path = partial(name);
  auto file = CAIRN_TRY(lock_file(path));
  if (!file) return std::optional<CacheDownload>();
  CacheDownload made(std::make_unique<CacheDownload::State>(*this, name, std::move(*file)));
  const int descriptor = made.state_->file.get();
  int code = ftruncate(descriptor, 0) == 0 ? 0 : errno;
  if (code == 0 && size_bytes > 0) code = allocate(descriptor, size_bytes);
  if (code == ENOSPC) {  // what is kept is worth less than what is wanted
    make_room(options_.bytes_max);
    code = allocate(descriptor, size_bytes);
  }
  if (code == EOPNOTSUPP || code == EINVAL)
    code = ftruncate(descriptor, static_cast<off_t>(size_bytes)) == 0 ? 0 : errno;
  if (code != 0) return cache_error(fmt::format("cannot make '{}'", path), code);
  return std::optional<CacheDownload>(std::move(made));
}

std::optional<std::string> FileCache::read_part(const std::string& name, uint64_t offset,
                                                size_t length) {
  const auto path = file(name);
  const Descriptor whole(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (whole.get() < 0) return std::nullopt;
  auto bytes = read_at(whole.get(), offset, length, path);
  if (!bytes.ok() || bytes.value().size() != length) return std::nullopt;
  return std::move(bytes).value();
}

std::optional<std::string> FileCache::read(const std::string& name) {
  const auto path = file(name);
  const Descriptor open_one(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));

  struct stat info {};

  if (open_one.get() < 0 || fstat(open_one.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<uint64_t>(info.st_size) > kSmallFileMax)
    return std::nullopt;
  auto bytes = read_at(open_one.get(), 0, static_cast<size_t>(info.st_size), path);
  if (bytes.ok() && bytes.value().size() >= kChecksumBytes) {
    const auto content = bytes.value().substr(0, bytes.value().size() - kChecksumBytes);
    if (bytes.value().ends_with(sha256(content))) {
      touch(path);
      return content;
    }
  }
  drop(name);
  return std::nullopt;
}

void FileCache::keep(const std::string& name, std::string_view bytes) {
  SystemRandom random;
  const auto path = partial(fmt::format("small-{:016x}", random.next()));
  {
    auto unfinished = lock_file(path);
    if (!unfinished.ok() || !unfinished.value()) return;
    const int descriptor = unfinished.value()->get();
    if (!write_at(descriptor, 0, bytes, path).ok() ||
        !write_at(descriptor, bytes.size(), sha256(bytes), path).ok() ||
        rename(path.c_str(), file(name).c_str()) != 0)
      (void)unlink(path.c_str());
  }
}

void FileCache::drop(const std::string& name) {
  (void)unlink(file(name).c_str());
}

/// Also removes what processes that died left.
uint64_t FileCache::partial_bytes() const {
  uint64_t bytes = 0;
  for (const auto& unfinished : list(partial(""))) {
    const auto dead = lock_file(unfinished.path);
    if (dead.ok() && dead.value())
      (void)unlink(unfinished.path.c_str());
    else
      bytes += unfinished.bytes;
  }
  return bytes;
}

void FileCache::make_room(uint64_t bytes) {
  auto kept = list(file(""));
  uint64_t used = partial_bytes();
  for (const auto& one : kept) used += one.bytes;
  const auto fits = [&] {
    return used <= options_.bytes_max && bytes <= options_.bytes_max - used;
  };
  if (fits()) return;
  std::sort(kept.begin(), kept.end(), [](const Kept& a, const Kept& b) {
    return std::tie(a.used_ns, a.path) < std::tie(b.used_ns, b.path);
  });
  for (const auto& one : kept) {
    if (fits()) return;
    if (one.in_use || unlink(one.path.c_str()) != 0) continue;
    used -= one.bytes;
  }
}

}  // namespace cairn::io
