// A lake's object store that is far away, with what was read or written kept on this machine.
#pragma once

#include "io/file_cache.h"
#include "io/object_store.h"

#include <memory>
#include <string>

namespace cairn::store {

/// Keys of the table's folders name files that never change, so a copy is as good as the object.
/// What is not of the table (rejected/) goes past the cache. Thread-safe.
class CachedObjects final : public io::ObjectStore {
 public:
  CachedObjects(std::shared_ptr<io::ObjectStore> far, std::shared_ptr<io::FileCache> cache)
      : far_(std::move(far)), cache_(std::move(cache)) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override;
  /// Of data files: from the copy, if there is one; ranges that are large enough (footers) are
  /// kept.
  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override;
  Status put(const std::string& key, std::string_view bytes) override;
  Status remove(const std::string& key) override;
  Status remove_all(const std::vector<std::string>& keys) override;

  Result<io::ObjectPart> get_part(const std::string& key, uint64_t offset, uint64_t length,
                                  const std::string& etag) override {
    return far_->get_part(key, offset, length, etag);
  }

  Result<io::ObjectInfo> head(const std::string& key) override { return far_->head(key); }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    return far_->list(prefix, start_after, visit);
  }

  Status list_unfinished(const std::string& prefix,
                         const std::function<bool(const io::ObjectInfo&)>& visit) override {
    return far_->list_unfinished(prefix, visit);
  }

  std::string uri(std::string_view key) const override { return far_->uri(key); }

  std::optional<std::string> local_path(std::string_view /*key*/) const override {
    return std::nullopt;
  }

  size_t requests_at_once() const override { return far_->requests_at_once(); }

  const std::shared_ptr<io::FileCache>& cache() { return cache_; }

  /// The object's name in the cache.
  std::string cached_name(const std::string& key) const;

 private:
  std::shared_ptr<io::ObjectStore> far_;
  std::shared_ptr<io::FileCache> cache_;
};

}  // namespace cairn::store
