#include "base/crypto.h"
#include "io/descriptor.h"
#include "io/file.h"
#include "io/internal/attributes_json.h"
#include "io/object_store.h"
#include "io/random.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::io {
namespace {

/// Names of files that are not whole yet. A process that dies leaves them.
constexpr std::string_view kUnfinished = ".cairn-part-";
/// Of the files with the attributes of objects whose names are too long for kAttributesSuffix.
constexpr std::string_view kLongNameAttributes = ".cairn-attributes-";
constexpr uint64_t kAttributesBytesMax = 64 << 10;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Error store_error(std::string_view doing, int code) {
  if (code == ELOOP)
    return Error{ErrorKind::permission_denied,
                 fmt::format("{}: a part of the name is a symbolic link", doing)};
  auto error = system_error(doing, code);
  std::string_view hint;
  if (code == ENOSPC || code == EDQUOT) hint = "make room, then run the command again";
  if (code == EROFS || code == EACCES) hint = "check who may write to the folder";
  if (hint.empty()) return error;
  const auto kind = code == EROFS ? ErrorKind::permission_denied : error.kind();
  return Error{kind, fmt::format("{}\nhint: {}", error.message(), hint)};
}

/// The parts of a key, the file's name last.
Result<std::vector<std::string>> parts_of(std::string_view key) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const auto part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != part.npos ||
        part.size() > NAME_MAX)
      return Error{ErrorKind::invalid_argument, fmt::format("'{}' is no key of an object", key)};
    parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

ObjectInfo info_of(std::string key, const struct stat& info) {
  ObjectInfo made;
  made.key = std::move(key);
  made.size_bytes = static_cast<uint64_t>(info.st_size);
  made.etag = fmt::format("{}.{:09}", info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  made.modified_us = info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1'000;
  return made;
}

Status write_synced(int descriptor, std::string_view bytes, std::string_view doing) {
  if (!write_all(descriptor, bytes) || fsync(descriptor) != 0) return store_error(doing, errno);
  return {};
}

class FolderStore final : public ObjectStore {
 public:
  FolderStore(std::string root, Descriptor folder)
      : root_(std::move(root)), folder_(std::move(folder)) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override {
    struct stat info {};

    const auto file = CAIRN_TRY(open_file(key, info));
    const auto size = static_cast<uint64_t>(info.st_size);
    if (size > bytes_max)
      return Error{ErrorKind::exhausted, fmt::format("'{}' has {} bytes, more than the limit of {}",
                                                     local(key), size, bytes_max)};
    return read_at(file.get(), key, 0, size);
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override {
    struct stat info {};

    const auto file = CAIRN_TRY(open_file(key, info));
    const auto size = static_cast<uint64_t>(info.st_size);
    if (offset >= size) return std::string();
    return read_at(file.get(), key, offset, std::min(length, size - offset));
  }

  Result<ObjectInfo> head(const std::string& key) override {
    struct stat info {};

    CAIRN_TRY(open_file(key, info));
    return info_of(key, info);
  }

  Status put(const std::string& key, std::string_view bytes) override {
    const auto parts = CAIRN_TRY(parts_of(key));
    std::vector<Descriptor> made_in;  // the folders in which put made a folder, and its name
    std::vector<std::string> made;
    auto status = put_in(key, parts, bytes, made_in, made);
    if (status.ok()) return status;
    for (size_t i = made.size(); i-- > 0;)
      unlinkat(made_in[i].get(), made[i].c_str(), AT_REMOVEDIR);  // unless another file is in it
    return status;
  }

  Status put_with(const std::string& key, std::string_view bytes,
                  const ObjectAttributes& attributes) override {
    const auto beside = attributes_key(key);
    CAIRN_TRY(attributes.empty() ? remove_file(beside)
                                 : put(beside, internal::attributes_json(attributes)));
    return put(key, bytes);
  }

  Result<ObjectAttributes> attributes(const std::string& key) override {
    CAIRN_TRY(head(key));
    const auto text = get(attributes_key(key), kAttributesBytesMax);
    if (!text.ok() && text.error().kind() == ErrorKind::not_found) return ObjectAttributes{};
    if (!text.ok()) return text.error();
    auto parsed = internal::parse_attributes(text.value());
    if (!parsed.ok())
      return std::move(parsed).error().context(
          fmt::format("cannot use '{}'", local(attributes_key(key))));
    return parsed;
  }

  Status remove(const std::string& key) override {
    CAIRN_TRY(remove_file(key));
    return key.ends_with(kAttributesSuffix) ? Status() : remove_file(attributes_key(key));
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const ObjectInfo&)>& visit) override {
    bool go_on = true;
    return list_folder(folder_.get(), "", {prefix, start_after, false, visit}, go_on);
  }

  Status list_unfinished(const std::string& prefix,
                         const std::function<bool(const ObjectInfo&)>& visit) override {
    bool go_on = true;
    return list_folder(folder_.get(), "", {prefix, "", true, visit}, go_on);
  }

  std::string uri(std::string_view key) const override {
    return fmt::format("file://{}/{}", root_ == "/" ? "" : root_, key);
  }

  std::optional<std::string> local_path(std::string_view key) const override { return local(key); }

  size_t requests_at_once() const override {
    return std::max(1U, std::thread::hardware_concurrency());
  }

 private:
  struct Listing {
    const std::string& prefix;
    const std::string& start_after;
    bool unfinished;
    const std::function<bool(const ObjectInfo&)>& visit;
  };

  static std::string attributes_key(const std::string& key) {
    const auto name_at = key.rfind('/') + 1;  // 0 where there is no '/'
    const auto name = std::string_view(key).substr(name_at);
    if (name.size() + kAttributesSuffix.size() <= NAME_MAX)
      return key + std::string(kAttributesSuffix);
    return key.substr(0, name_at) + std::string(kLongNameAttributes) + to_hex(sha256(name));
  }

  Status remove_file(const std::string& key) {
    const auto doing = fmt::format("cannot remove '{}'", local(key));
    const auto parts = CAIRN_TRY(parts_of(key));
    auto folder = open_parent(parts, doing);
    if (!folder.ok()) {
      if (folder.error().kind() == ErrorKind::not_found) return {};
      return std::move(folder).error();
    }
    if (unlinkat(folder.value().get(), parts.back().c_str(), 0) != 0) {
      if (errno == ENOENT) return {};
      return store_error(doing, errno);
    }
    if (fsync(folder.value().get()) != 0) return store_error(doing, errno);
    return {};
  }

  std::string local(std::string_view key) const {
    return fmt::format("{}/{}", root_ == "/" ? "" : root_, key);
  }

  Result<Descriptor> open_parent(const std::vector<std::string>& parts,
                                 std::string_view doing) const {
    Descriptor at(::openat(folder_.get(), ".", kFolderFlags));
    if (at.get() < 0) return store_error(doing, errno);
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      Descriptor next(::openat(at.get(), parts[i].c_str(), kFolderFlags));
      if (next.get() < 0) return store_error(doing, link_or(at.get(), parts[i], errno));
      at = std::move(next);
    }
    return at;
  }

  /// ELOOP when the name is a link, for which the kernel says ENOTDIR; else `code`.
  static int link_or(int folder, const std::string& name, int code) {
    struct stat info {};

    if (code == ENOTDIR && fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(info.st_mode))
      return ELOOP;
    return code;
  }

  Result<Descriptor> open_file(const std::string& key, struct stat& info) const {
    const auto doing = fmt::format("cannot read '{}'", local(key));
    const auto parts = CAIRN_TRY(parts_of(key));
    const auto folder = CAIRN_TRY(open_parent(parts, doing));
    Descriptor file(::openat(folder.get(), parts.back().c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0 || fstat(file.get(), &info) != 0) return store_error(doing, errno);
    if (!S_ISREG(info.st_mode))
      return Error{ErrorKind::not_found, fmt::format("{}: it is no regular file", doing)};
    return file;
  }

  Result<std::string> read_at(int file, const std::string& key, uint64_t offset,
                              uint64_t length) const {
    auto bytes = io::read_at(file, offset, length);
    if (!bytes) return store_error(fmt::format("cannot read '{}'", local(key)), errno);
    return std::move(*bytes);
  }

  Status put_in(const std::string& key, const std::vector<std::string>& parts,
                std::string_view bytes, std::vector<Descriptor>& made_in,
                std::vector<std::string>& made) const {
    const auto doing = fmt::format("cannot write '{}'", local(key));
    Descriptor at(::openat(folder_.get(), ".", kFolderFlags));
    if (at.get() < 0) return store_error(doing, errno);
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const bool is_new = mkdirat(at.get(), parts[i].c_str(), 0777) == 0;
      if (!is_new && errno != EEXIST) return store_error(doing, errno);
      Descriptor next(::openat(at.get(), parts[i].c_str(), kFolderFlags));
      if (next.get() < 0) return store_error(doing, link_or(at.get(), parts[i], errno));
      if (is_new) {
        made_in.push_back(std::move(at));
        made.push_back(parts[i]);
      }
      at = std::move(next);
    }
    CAIRN_TRY(put_file(at.get(), parts.back(), bytes, doing));
    for (const auto& folder : made_in)
      if (fsync(folder.get()) != 0) return store_error(doing, errno);
    return {};
  }

  static Status put_file(int folder, const std::string& name, std::string_view bytes,
                         const std::string& doing) {
    SystemRandom random;
    const auto unfinished = fmt::format("{}{:016x}", kUnfinished, random.next());
    const Descriptor file(::openat(folder, unfinished.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (file.get() < 0) return store_error(doing, errno);
    auto status = write_synced(file.get(), bytes, doing);
    if (status.ok() && renameat(folder, unfinished.c_str(), folder, name.c_str()) != 0)
      status = store_error(doing, errno);
    if (!status.ok()) {
      unlinkat(folder, unfinished.c_str(), 0);
      return status;
    }
    if (fsync(folder) != 0) return store_error(doing, errno);
    return {};
  }

  /// May anything below the folder (its key ends in '/') be in the listing?
  static bool may_hold(const std::string& folder, const Listing& what) {
    const size_t common = std::min(folder.size(), what.prefix.size());
    if (folder.compare(0, common, what.prefix, 0, common) != 0) return false;
    return what.start_after < folder || what.start_after.compare(0, folder.size(), folder) == 0;
  }

  /// DT_REG, DT_DIR or another; DT_UNKNOWN: errno tells why. Most file systems tell it at once.
  static unsigned char kind_of(int parent, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type;

    struct stat info {};

    if (fstatat(parent, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
    if (S_ISDIR(info.st_mode)) return DT_DIR;
    return S_ISREG(info.st_mode) ? DT_REG : DT_LNK;
  }

  Status list_folder(int parent, const std::string& folder_key, const Listing& what,
                     bool& go_on) const {
    const auto doing = fmt::format("cannot list '{}'", local(folder_key));
    const int copy = ::openat(parent, ".", kFolderFlags);
    if (copy < 0) return store_error(doing, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(copy), closedir);
    if (!entries) return store_error(doing, errno);
    std::vector<std::string> names;  // those of folders end in '/', which puts keys in order
    for (errno = 0; const dirent* entry = readdir(entries.get()); errno = 0) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;

      const auto kind = kind_of(parent, *entry);
      if (kind == DT_UNKNOWN && errno == ENOENT) continue;  // gone since
      if (kind == DT_UNKNOWN) return store_error(doing, errno);
      if (kind == DT_DIR) names.push_back(name + '/');
      if (kind != DT_REG || name.starts_with(kLongNameAttributes)) continue;
      if (name.starts_with(kUnfinished) == what.unfinished) names.push_back(name);
    }
    if (errno != 0) return store_error(doing, errno);
    std::sort(names.begin(), names.end());
    drop_attributes(names);
    for (auto& name : names) {
      if (!go_on) return {};
      CAIRN_TRY(list_entry(parent, folder_key, name, what, go_on));
    }
    return {};
  }

  /// Takes out the files that hold the attributes of others.
  static void drop_attributes(std::vector<std::string>& sorted) {
    const auto beside = [&](const std::string& name) {
      return name.ends_with(kAttributesSuffix) &&
             std::binary_search(sorted.begin(), sorted.end(),
                                name.substr(0, name.size() - kAttributesSuffix.size()));
    };
    std::vector<std::string> kept;
    for (const auto& name : sorted)
      if (!beside(name)) kept.push_back(name);
    sorted = std::move(kept);
  }

  Status list_entry(int parent, const std::string& folder_key, const std::string& name,
                    const Listing& what, bool& go_on) const {
    auto key = folder_key + name;

    struct stat info {};

    if (name.back() == '/') {
      if (!may_hold(key, what)) return {};
      const Descriptor folder(
          ::openat(parent, name.substr(0, name.size() - 1).c_str(), kFolderFlags));
      if (folder.get() < 0) {
        if (errno == ENOENT) return {};
        return store_error(fmt::format("cannot list '{}'", local(key)), errno);
      }
      return list_folder(folder.get(), key, what, go_on);
    }
    if (!key.starts_with(what.prefix) || key <= what.start_after) return {};
    if (fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};
      return store_error(fmt::format("cannot read '{}'", local(key)), errno);
    }
    go_on = what.visit(info_of(std::move(key), info));
    return {};
  }

  std::string root_;
  Descriptor folder_;
};

/// Makes the folder and those above it that are missing, each durably.
Status make_folders(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST) {
    const Descriptor above(
        ::open(folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (above.get() >= 0) fsync(above.get());  // may not be ours to open
    return {};
  }
  const int code = errno;
  if (code != ENOENT || !folder.has_relative_path())
    return store_error(fmt::format("cannot make folder '{}'", folder.string()), code);
  CAIRN_TRY(make_folders(folder.parent_path()));
  return make_folders(folder);
}

}  // namespace

Result<ObjectPart> ObjectStore::get_part(const std::string& key, uint64_t offset, uint64_t length,
                                         const std::string& etag) {
  const auto info = CAIRN_TRY(head(key));
  if (!etag.empty() && info.etag != etag)
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot read {}: it was replaced meanwhile", uri(key))};
  auto bytes = CAIRN_TRY(get_range(key, offset, length));
  return ObjectPart{.bytes = std::move(bytes), .etag = info.etag, .object_bytes = info.size_bytes};
}

Result<std::unique_ptr<ObjectStore>> open_plain_folder_store(const std::string& root) {
  std::error_code code;
  auto path = std::filesystem::absolute(root, code).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "a/" is "a"
  const std::unique_ptr<char, void (*)(void*)> above(
      code ? nullptr : realpath(path.parent_path().c_str(), nullptr), std::free);
  if (!above || !path.has_filename())
    return store_error(fmt::format("cannot open folder '{}'", root), errno);
  // What the name leads to may change at any time: the folder above is opened, then the name in it.
  const Descriptor parent(::open(above.get(), kFolderFlags));
  if (parent.get() < 0) return store_error(fmt::format("cannot open folder '{}'", root), errno);
  Descriptor folder(::openat(parent.get(), path.filename().c_str(), kFolderFlags));
  if (folder.get() < 0) return store_error(fmt::format("cannot open folder '{}'", root), errno);
  auto real = (std::filesystem::path(above.get()) / path.filename()).string();
  return std::unique_ptr<ObjectStore>(
      std::make_unique<FolderStore>(std::move(real), std::move(folder)));
}

Result<std::unique_ptr<ObjectStore>> open_folder_store(const std::string& root, bool create) {
  std::error_code code;
  auto path = std::filesystem::absolute(root, code).lexically_normal();
  if (root.empty() || code)
    return Error{ErrorKind::invalid_argument, fmt::format("'{}' is no folder's name", root)};
  if (!path.has_filename()) path = path.parent_path();  // "a/" is "a"
  if (create) CAIRN_TRY(make_folders(path));
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  if (!real) return store_error(fmt::format("cannot open folder '{}'", root), errno);
  Descriptor folder(::open(real.get(), kFolderFlags));
  if (folder.get() < 0) return store_error(fmt::format("cannot open folder '{}'", root), errno);
  return std::unique_ptr<ObjectStore>(std::make_unique<FolderStore>(real.get(), std::move(folder)));
}

}  // namespace cairn::io
