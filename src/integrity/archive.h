// Where the objects that digests name lie: in their buckets, or in a copy of them.
#pragma once

#include "base/result.h"
#include "io/object_store.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::integrity {

struct Located {
  io::ObjectStore* store = nullptr;
  std::string key{};
};

/// Thread-safe.
class Archive {
 public:
  virtual ~Archive() = default;

  /// Where the object (or the beginning of keys) is that digests call `bucket` and `key`. Fails
  /// with `not_found` when the archive has no such bucket.
  virtual Result<Located> locate(const std::string& bucket, const std::string& key) = 0;

  /// A copy may have lost the objects' metadata, and with it their signatures.
  virtual bool is_copy() const = 0;
};

/// Objects lie where the digests say.
class OriginalBuckets final : public Archive {
 public:
  /// `open` gives the store of a whole bucket; called by one thread at a time.
  using Open = std::function<Result<io::ObjectStore*>(const std::string& bucket)>;

  explicit OriginalBuckets(Open open) : open_(std::move(open)) {}

  Result<Located> locate(const std::string& bucket, const std::string& key) override;

  bool is_copy() const override { return false; }

 private:
  Open open_;
  std::mutex mutex_;
};

/// Objects lie in one store, below another prefix perhaps.
class CopiedBucket final : public Archive {
 public:
  struct Names {
    std::string bucket{};  ///< as the digests have it
    std::string
        recorded_prefix{};  ///< before `AWSLogs/`, as the digests have it; no slash at its end
    std::string actual_prefix{};  ///< the same in the store
  };

  CopiedBucket(io::ObjectStore& store, Names names) : store_(store), names_(std::move(names)) {}

  /// Where several buckets lie in folders of their names, others than `Names::bucket` are found.
  Result<Located> locate(const std::string& bucket, const std::string& key) override;

  bool is_copy() const override { return true; }

 private:
  io::ObjectStore& store_;
  const Names names_;
};

}  // namespace cairn::integrity
