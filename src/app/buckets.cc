#include "app/buckets.h"

#include "aws/bucket_name.h"
#include "base/text.h"
#include "io/s3_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

/// Matches no account, so that keys of some accounts do not see the bucket.
constexpr std::string_view kUnknownOwner = "?";

constexpr std::string_view kOwnersTable =
    "CREATE TABLE bucket_owners (name TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID";

Error no_such_bucket(std::string_view name) {
  return Error{ErrorKind::not_found, fmt::format("The bucket '{}' does not exist", printable(name)),
               "NoSuchBucket"};
}

/// Paths of the service's own: a listing in path style would meet them.
constexpr std::array<std::string_view, 5> kTaken = {"healthz", "readyz", "metrics", "firehose",
                                                    "eventbridge"};

/// A folder itself, not a link to one.
bool is_plain_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(fs::symlink_status(path, failed));
}

bool is_taken(const fs::path& path) {
  std::error_code failed;
  return fs::exists(fs::symlink_status(path, failed));
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  return aws::is_new_bucket_name(name) &&
         std::find(kTaken.begin(), kTaken.end(), name) == kTaken.end();
}

Buckets::Buckets(std::string folder, std::map<std::string, std::string> places, OpenS3 open_s3,
                 store::StateDatabase& state)
    : folder_(std::move(folder)),
      places_(std::move(places)),
      open_s3_(std::move(open_s3)),
      state_(state) {}

Result<std::unique_ptr<Buckets>> Buckets::open(std::string folder,
                                               std::map<std::string, std::string> places,
                                               OpenS3 open_s3, store::StateDatabase& state) {
  for (const auto& [name, place] : places)
    if (!is_bucket_name(name))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' cannot be the name of a bucket", printable(name))};
  CAIRN_TRY(io::open_folder_store(folder, true));
  CAIRN_TRY(state.migrate("buckets", {kOwnersTable}));
  return std::unique_ptr<Buckets>(
      new Buckets(std::move(folder), std::move(places), std::move(open_s3), state));
}

std::optional<std::string> Buckets::folder(std::string_view name) const {
  if (!is_bucket_name(name)) return std::nullopt;
  const auto place = places_.find(std::string(name));
  if (place != places_.end() && io::is_s3_url(place->second)) return std::nullopt;
  std::error_code failed;
  if (place != places_.end())  // an option of the service named it: links are allowed
    return fs::is_directory(place->second, failed) ? std::optional(place->second) : std::nullopt;
  auto path = fs::path(folder_) / name;
  if (!is_plain_folder(path)) return std::nullopt;
  return path.string();
}

Result<std::shared_ptr<io::ObjectStore>> Buckets::store(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto known = open_.find(name); known != open_.end()) {
    if (io::is_s3_url(known->second->uri("")) || folder(name)) return known->second;
    open_.erase(known);  // the folder was taken away
  }
  std::shared_ptr<io::ObjectStore> store;
  const auto place = places_.find(name);
  if (place != places_.end() && io::is_s3_url(place->second)) {
    store = CAIRN_TRY(open_s3_(place->second));
  } else {
    const auto path = folder(name);
    if (!path) return no_such_bucket(name);
    store = CAIRN_TRY(place == places_.end() ? io::open_plain_folder_store(*path)
                                             : io::open_folder_store(*path, false));
  }
  open_[name] = store;
  return store;
}

std::vector<std::string> Buckets::names() const {
  std::vector<std::string> found;
  for (const auto& [name, place] : places_)
    if (folder(name)) found.push_back(name);
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_, failed)) {
    auto name = entry.path().filename().string();
    if (!places_.contains(name) && folder(name)) found.push_back(std::move(name));
  }
  std::sort(found.begin(), found.end());
  return found;
}

int64_t Buckets::created_us(const std::string& name) const {
  const auto path = folder(name);
  if (!path) return 0;

  struct statx info {};

  if (statx(AT_FDCWD, path->c_str(), 0, STATX_BTIME | STATX_MTIME, &info) != 0) return 0;
  const auto& time = (info.stx_mask & STATX_BTIME) != 0 ? info.stx_btime : info.stx_mtime;
  return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000;
}

std::string Buckets::owner(const std::string& name) const {
  const auto rows = state_.query("SELECT account FROM bucket_owners WHERE name = ?", {name});
  if (!rows.ok()) return std::string(kUnknownOwner);
  return rows.value().empty() ? std::string() : rows.value().front().text(0);
}

Status Buckets::create(const std::string& name, const std::string& owner) {
  if (!is_bucket_name(name))
    return Error{ErrorKind::invalid_argument, "The specified bucket is not valid.",
                 "InvalidBucketName"};
  const auto path = fs::path(folder_) / name;
  const std::lock_guard creating(create_mutex_);
  if (places_.contains(name) || is_taken(path))
    return Error{ErrorKind::already_exists, "The bucket exists already.", "BucketAlreadyExists"};
  // The owner first: a folder that is there without it would be the service's.
  if (owner.empty())
    CAIRN_TRY(state_.execute("DELETE FROM bucket_owners WHERE name = ?", {name}));
  else
    CAIRN_TRY(state_.execute(
        "INSERT INTO bucket_owners VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET account = "
        "excluded.account",
        {name, owner}));
  CAIRN_TRY(io::open_folder_store(path.string(), true));
  return {};
}

}  // namespace cairn::app
