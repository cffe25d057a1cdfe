// The buckets that the service knows: folders of this machine, and buckets of S3 that a name was
// given to.
#pragma once

#include "base/result.h"
#include "io/object_store.h"
#include "store/state_database.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::app {

/// Opens `s3://bucket/prefix`.
using OpenS3 = std::function<Result<std::unique_ptr<io::ObjectStore>>(const std::string& url)>;

/// Thread-safe.
class Buckets {
 public:
  /// `folder`: where buckets are that have no place of their own; made when it is missing. Symbolic
  /// links there are ignored. `places`: a folder or an S3 URL by bucket name. Borrows
  /// `state`, which has the owners.
  static Result<std::unique_ptr<Buckets>> open(std::string folder,
                                               std::map<std::string, std::string> places,
                                               OpenS3 open_s3, store::StateDatabase& state);

  /// The bucket's objects, opened once. Fails with `not_found` (NoSuchBucket).
  Result<std::shared_ptr<io::ObjectStore>> store(const std::string& name);

  /// The folder of a bucket that lies in one; nullopt for others and for those that are not there.
  std::optional<std::string> folder(std::string_view name) const;

  /// All that lie in folders, by name.
  std::vector<std::string> names() const;

  /// When the bucket's folder was made, as far as its file system knows; 0: it is not there.
  int64_t created_us(const std::string& name) const;

  /// The account that the bucket belongs to; empty: the service.
  std::string owner(const std::string& name) const;

  /// Makes a folder. `owner`: the account that the bucket is to belong to; empty: the service.
  /// Fails with `already_exists` (BucketAlreadyExists) and `invalid_argument` (InvalidBucketName).
  Status create(const std::string& name, const std::string& owner);

 private:
  Buckets(std::string folder, std::map<std::string, std::string> places, OpenS3 open_s3,
          store::StateDatabase& state);

  const std::string folder_;
  const std::map<std::string, std::string> places_;
  const OpenS3 open_s3_;
  store::StateDatabase& state_;
  std::mutex create_mutex_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<io::ObjectStore>> open_;
};

/// Whether a bucket may have the name: one that S3 allows, and none of the service's own paths,
/// such as "metrics".
bool is_bucket_name(std::string_view name);

}  // namespace cairn::app
