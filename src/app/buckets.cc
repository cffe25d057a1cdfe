#include "app/buckets.h"

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

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

Error no_such_bucket(std::string_view name) {
  return Error{ErrorKind::not_found, fmt::format("The bucket '{}' does not exist", printable(name)),
               "NoSuchBucket"};
}

/// Paths of the service's own: a listing in path style would meet them.
constexpr std::array<std::string_view, 5> kTaken = {"healthz", "readyz", "metrics", "firehose",
                                                    "eventbridge"};

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end()) return false;
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  if (name.find("..") != name.npos) return false;
  return std::count(name.begin(), name.end(), '.') != 3 ||
         name.find_first_not_of("0123456789.") != name.npos;
}

Buckets::Buckets(std::string folder, std::map<std::string, std::string> places, OpenS3 open_s3)
    : folder_(std::move(folder)), places_(std::move(places)), open_s3_(std::move(open_s3)) {}

Result<std::unique_ptr<Buckets>> Buckets::open(std::string folder,
                                               std::map<std::string, std::string> places,
                                               OpenS3 open_s3) {
  for (const auto& [name, place] : places)
    if (!is_bucket_name(name))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' cannot be the name of a bucket", printable(name))};
  CAIRN_TRY(io::open_folder_store(folder, true));
  return std::unique_ptr<Buckets>(
      new Buckets(std::move(folder), std::move(places), std::move(open_s3)));
}

std::optional<std::string> Buckets::folder(std::string_view name) const {
  if (!is_bucket_name(name)) return std::nullopt;
  const auto place = places_.find(std::string(name));
  if (place != places_.end() && io::is_s3_url(place->second)) return std::nullopt;
  auto path = place == places_.end() ? (fs::path(folder_) / name).string() : place->second;
  std::error_code failed;
  if (!fs::is_directory(path, failed)) return std::nullopt;
  return path;
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
    store = CAIRN_TRY(io::open_folder_store(*path, false));
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

Status Buckets::create(const std::string& name) {
  if (!is_bucket_name(name))
    return Error{ErrorKind::invalid_argument, "The specified bucket is not valid.",
                 "InvalidBucketName"};
  if (folder(name) || places_.contains(name))
    return Error{ErrorKind::already_exists,
                 "Your previous request to create the named bucket succeeded and you already own "
                 "it.",
                 "BucketAlreadyOwnedByYou"};
  CAIRN_TRY(io::open_folder_store((fs::path(folder_) / name).string(), true));
  return {};
}

}  // namespace cairn::app
