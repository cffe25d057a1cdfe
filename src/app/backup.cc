// A backup has three stages. First, while SQLite holds off commits to state.db, the state is copied
// and the spool and the outbox are hard-linked into HOME/.backup: these three refer to each other.
// Then the lake's catalog is copied and all other files are linked; objects in buckets that are
// newer than the first stage are skipped, because a service that starts on the copy delivers them
// again. Last, the links are copied to TARGET.part, which is synced and renamed. Linking takes
// milliseconds where copying takes minutes, and a linked file stays when the service removes it.
// The service replaces files by renaming; only open spool segments and log groups grow. A crash
// leaves HOME/.backup and TARGET.part, which the next backup removes.
#include "app/backup.h"

#include "io/descriptor.h"
#include "io/file.h"
#include "store/copy_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStage = ".backup";  ///< in the home
constexpr std::string_view kLock = "lock";
constexpr size_t kPieceBytes = 1 << 20;

Error copy_error(std::string_view doing, const fs::path& path, const std::error_code& code) {
  return io::system_error(fmt::format("{} '{}'", doing, path.string()), code.value());
}

bool is_gone(const std::error_code& code) {
  return code == std::errc::no_such_file_or_directory;
}

/// Whether a file is SQLite's own, and of use only beside its database.
bool is_helper(const fs::path& path) {
  const auto name = path.filename().string();
  return name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal");
}

/// Whether to take a file, or what is in a folder.
using Wanted = std::function<bool(const fs::path& path)>;

/// Copies a file. std::filesystem::copy_file() hides the system's reason for a failure.
Result<uint64_t> copy_bytes(const fs::path& from, const fs::path& to) {
  const auto failed = [](std::string_view doing, const fs::path& path) {
    return io::system_error(fmt::format("{} '{}'", doing, path.string()), errno);
  };
  const io::Descriptor source(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));

  struct stat seen {};

  if (source.get() < 0 || fstat(source.get(), &seen) != 0) return failed("cannot read", from);
  const io::Descriptor target(
      open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, seen.st_mode & 0777));
  if (target.get() < 0) return failed("cannot write", to);
  uint64_t bytes = 0;
  for (;;) {
    const auto piece = io::read_rest(source.get(), kPieceBytes);
    if (!piece) return failed("cannot read", from);
    if (piece->empty()) return bytes;
    if (!io::write_all(target.get(), *piece)) return failed("cannot write", to);
    bytes += piece->size();
  }
}

/// Links a file, or copies it if the file system does not support links. Files that the service
/// removes meanwhile are skipped: others replace them.
Status link_file(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_hard_link(from, to, failed);
  if (!failed || is_gone(failed)) return {};
  const auto copied = copy_bytes(from, to);
  if (copied.ok() || copied.error().kind() == ErrorKind::not_found) return {};
  return copied.error();
}

Status link_tree(const fs::path& from, const fs::path& to, const Wanted& wanted) {
  std::error_code failed;
  fs::create_directory(to, from, failed);
  if (failed) return is_gone(failed) ? Status() : Status(copy_error("cannot make", to, failed));
  for (auto at = fs::directory_iterator(from, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    const auto& path = at->path();
    if (!wanted(path)) continue;
    std::error_code looked;
    const auto kind = at->symlink_status(looked).type();
    if (kind == fs::file_type::directory)
      CAIRN_TRY(link_tree(path, to / path.filename(), wanted));
    else if (kind == fs::file_type::regular)
      CAIRN_TRY(link_file(path, to / path.filename()));
  }
  if (failed && !is_gone(failed)) return copy_error("cannot read", from, failed);
  return {};
}

Status copy_tree(const fs::path& from, const fs::path& to, BackupReport& report) {
  std::error_code failed;
  fs::create_directory(to, from, failed);
  if (failed) return copy_error("cannot make", to, failed);
  for (auto at = fs::directory_iterator(from, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    const auto target = to / at->path().filename();
    if (at->is_directory()) {
      CAIRN_TRY(copy_tree(at->path(), target, report));
      continue;
    }
    report.bytes += CAIRN_TRY(copy_bytes(at->path(), target));
    ++report.files;
  }
  if (failed) return copy_error("cannot read", from, failed);
  return {};
}

/// Writes everything below the folder to the disk.
Status sync_all(const fs::path& folder) {
  const io::Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0 && syncfs(opened.get()) == 0) return {};
  return io::system_error(fmt::format("cannot sync '{}'", folder.string()), errno);
}

class Backup {
 public:
  Backup(const BackupOptions& options, fs::path home, fs::path target)
      : options_(options), home_(std::move(home)), target_(std::move(target)) {}

  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  ~Backup() {
    std::error_code ignored;
    fs::remove_all(stage_, ignored);
    fs::remove_all(part_, ignored);
  }

  Result<BackupReport> run() {
    CAIRN_TRY(make_stage());
    CAIRN_TRY(take_moment());
    CAIRN_TRY(take_lake());
    CAIRN_TRY(take_rest());
    CAIRN_TRY(copy_tree(stage_, part_, report_));
    CAIRN_TRY(sync_all(part_));
    std::error_code failed;
    fs::rename(part_, target_, failed);
    if (failed) return copy_error("cannot name", target_, failed);
    CAIRN_TRY(sync_all(target_));
    return std::move(report_);
  }

 private:
  Status make_stage() {
    std::error_code failed;
    for (const auto& folder : {stage_, part_}) fs::remove_all(folder, failed);
    fs::create_directory(stage_, failed);
    if (!failed) fs::permissions(stage_, fs::perms::owner_all, failed);
    if (!failed) return {};
    auto error = copy_error("cannot make", stage_, failed);
    return Error{error.kind(),
                 error.message() + "\nhint: a folder that does not change can be copied as it is"};
  }

  // Takes the state and what it refers to: accepted events and deliveries under way.
  Status take_moment() {
    return store::copy_database(
        (home_ / "state.db").string(), (stage_ / "state.db").string(), [this]() -> Status {
          const auto wanted = [](const fs::path& path) { return path.filename() != kLock; };
          for (const auto* name : {"spool", "spool-rejected", "outbox"})
            if (fs::exists(home_ / name)) CAIRN_TRY(link_tree(home_ / name, stage_ / name, wanted));
          // The file system's clock also gives the times of files that are delivered later.
          return note_moment();
        });
  }

  Status note_moment() {
    struct stat seen {};

    if (stat(stage_.c_str(), &seen) != 0)
      return io::system_error(fmt::format("cannot look at '{}'", stage_.string()), errno);
    moment_ = seen.st_mtim;
    return {};
  }

  // The catalog comes first: the files that it names are kept for at least ten minutes.
  Status take_lake() {
    const auto lake = home_ / "lake";
    if (!fs::exists(lake / "catalog.db")) {
      report_.left_out.emplace_back(
          "the lake is not in the folder: back up its bucket and its catalog where they are");
      return {};
    }
    std::error_code failed;
    fs::create_directory(stage_ / "lake", lake, failed);
    if (failed) return copy_error("cannot make", stage_ / "lake", failed);
    CAIRN_TRY(store::copy_database((lake / "catalog.db").string(),
                                   (stage_ / "lake/catalog.db").string()));
    return link_tree(lake, stage_ / "lake", [&](const fs::path& path) {
      return path.parent_path() != lake || (path != lake / "catalog.db" && !is_helper(path));
    });
  }

  Status take_rest() {
    const auto buckets = (home_ / "buckets").string() + '/';
    return link_tree(home_, stage_, [&](const fs::path& path) {
      const auto name = path.filename();
      const bool top = path.parent_path() == home_;
      if (top && (is_helper(path) || fs::exists(stage_ / name))) return false;  // taken before
      if (path == stage_) return false;
      if (path == home_ / "master.key" && !options_.master_key) {
        report_.left_out.emplace_back("master.key, as you asked: a service needs it to start");
        return false;
      }
      std::error_code none;
      if (path.parent_path() == home_ / "buckets" && fs::is_symlink(path, none))
        report_.left_out.push_back(fmt::format("the bucket {}: it is a link", name.string()));
      return !path.string().starts_with(buckets) || was_there(path);
    });
  }

  /// Whether a file is not newer than the moment.
  bool was_there(const fs::path& path) const {
    struct stat seen {};

    if (lstat(path.c_str(), &seen) != 0) return false;
    if (!S_ISREG(seen.st_mode)) return true;
    return std::pair(seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec) <=
           std::pair(moment_.tv_sec, moment_.tv_nsec);
  }

  const BackupOptions& options_;
  const fs::path home_;
  const fs::path target_;
  const fs::path stage_ = home_ / kStage;
  const fs::path part_ = target_.string() + ".part";
  timespec moment_{};
  BackupReport report_;
};

}  // namespace

Result<BackupReport> back_up(const BackupOptions& options) {
  std::error_code failed;
  const auto home = fs::canonical(options.home, failed);
  if (failed || !fs::exists(home / "state.db"))
    return Error{ErrorKind::not_found,
                 fmt::format("'{}' is not a service folder: it has no state.db\n"
                             "hint: name the folder of `cairn serve` with --home",
                             options.home)};
  const auto target = fs::weakly_canonical(options.target, failed);
  if (failed) return copy_error("cannot look at", options.target, failed);
  if (fs::exists(target))
    return Error{ErrorKind::already_exists,
                 fmt::format("'{}' already exists\n"
                             "hint: name a new folder for each backup, with its date for instance",
                             options.target)};
  if ((target.string() + '/').starts_with(home.string() + '/'))
    return Error{ErrorKind::invalid_argument, fmt::format("'{}' is inside the folder to back up\n"
                                                          "hint: name a folder on another disk",
                                                          options.target)};
  return Backup(options, home, target).run();
}

}  // namespace cairn::app
