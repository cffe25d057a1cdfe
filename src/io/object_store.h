// Named immutable blobs: a local folder or an S3 bucket, behind one face. The lake's files and the
// sources of events lie in one of these.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::io {

struct ObjectInfo {
  std::string key;
  uint64_t size_bytes = 0;
  /// Changes when the bytes do: S3's ETag without quotes; of local files the modification time.
  std::string etag{};
  int64_t modified_us = 0;  ///< microseconds since 1970, UTC
};

/// What an object has besides its bytes.
struct ObjectAttributes {
  std::string content_type{};
  std::string content_encoding{};
  /// User metadata: names in lower case without `x-amz-meta-`, in the order of their names.
  std::map<std::string, std::string> metadata{};

  // Wishes of a put; folders have no use for them.
  std::string server_side_encryption{};  ///< "AES256", "aws:kms"; empty: as the store is set up
  std::string kms_key_id{};
  std::string acl{};  ///< a canned one: "bucket-owner-full-control"

  /// Nothing that a store has to keep.
  bool empty() const {
    return content_type.empty() && content_encoding.empty() && metadata.empty();
  }
};

/// Some bytes of an object, and which object that was.
struct ObjectPart {
  std::string bytes;
  std::string etag{};
  uint64_t object_bytes = 0;  ///< of the whole object
};

/// In a folder an object's attributes lie beside it, in a file with this behind its name: a flat
/// JSON object of the user metadata, Content-Type and Content-Encoding. Listings leave it out.
/// Where the name would be too long for a file, it is `.cairn-attributes-` and the SHA-256 of the
/// name.
inline constexpr std::string_view kAttributesSuffix = ".metadata.json";

/// Thread-safe. Keys use '/', have no leading '/', and no "." or ".." parts (`invalid_argument`).
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// The whole object. Fails with `not_found`, `permission_denied`, `unavailable`, and with
  /// `exhausted` when it is larger than `bytes_max`.
  virtual Result<std::string> get(const std::string& key, uint64_t bytes_max) = 0;

  /// `length` bytes from `offset`; fewer at the end of the object.
  virtual Result<std::string> get_range(const std::string& key, uint64_t offset,
                                        uint64_t length) = 0;

  /// The same with the object's size and etag. With `etag` it fails with `unavailable` when the
  /// object is another one by now, so that parts of two are never put together.
  virtual Result<ObjectPart> get_part(const std::string& key, uint64_t offset, uint64_t length,
                                      const std::string& etag);

  virtual Result<ObjectInfo> head(const std::string& key) = 0;

  /// Stores the object whole or not at all, replacing one of that key. Durable (synced, with its
  /// folders) when it returns.
  virtual Status put(const std::string& key, std::string_view bytes) = 0;

  /// put() with attributes. What an object has of them is replaced; put() itself leaves them as
  /// they are. In a folder they are durable before the object is.
  virtual Status put_with(const std::string& key, std::string_view bytes,
                          const ObjectAttributes& attributes) {
    (void)attributes;
    return put(key, bytes);
  }

  /// Of an object that exists. Empty where there are none, and in stores that keep none.
  virtual Result<ObjectAttributes> attributes(const std::string& key) {
    CAIRN_TRY(head(key));
    return ObjectAttributes{};
  }

  /// An object that is not there is no fault. Its attributes go with it.
  virtual Status remove(const std::string& key) = 0;

  /// remove() of each, several at once where that is quicker. Ends at the first failure.
  virtual Status remove_all(const std::vector<std::string>& keys) {
    for (const auto& key : keys) CAIRN_TRY(remove(key));
    return {};
  }

  /// All objects whose key begins with `prefix` and comes after `start_after`, in key order
  /// (bytes). `visit` returning false stops.
  virtual Status list(const std::string& prefix, const std::string& start_after,
                      const std::function<bool(const ObjectInfo&)>& visit) = 0;

  /// As list(), in no order: what puts that were cut off left behind. May be given to remove().
  virtual Status list_unfinished(const std::string& prefix,
                                 const std::function<bool(const ObjectInfo&)>& visit) {
    (void)prefix, (void)visit;
    return {};
  }

  /// Where the object is for others: `file:///lake/a/b` or `s3://bucket/prefix/a/b`.
  virtual std::string uri(std::string_view key) const = 0;

  /// The object's path on this machine, when it has one (a folder); nullopt on S3.
  virtual std::optional<std::string> local_path(std::string_view key) const = 0;

  /// How many small reads are best made at once: as many as there are cores, or as keep requests
  /// under way. At least 1.
  virtual size_t requests_at_once() const { return 1; }
};

/// A store in the folder `root`, which is made when `create` says so (else `not_found`).
Result<std::unique_ptr<ObjectStore>> open_folder_store(const std::string& root, bool create);

/// Opens a store in the folder `root`, which must exist and not be a symbolic link. Links above it
/// are followed. Fails with `not_found`, `permission_denied`, `unavailable`.
Result<std::unique_ptr<ObjectStore>> open_plain_folder_store(const std::string& root);

}  // namespace cairn::io
