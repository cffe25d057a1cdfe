// The buckets of the service, as those parts know them that speak of them.
#pragma once

#include "base/result.h"
#include "io/object_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::api {

struct ShelfBucket {
  std::string name{};
  int64_t created_us = 0;
};

/// The buckets there are. Functions are thread-safe.
struct BucketShelf {
  /// Fails with `not_found` (NoSuchBucket).
  std::function<Result<std::shared_ptr<io::ObjectStore>>(const std::string& name)> open{};
  std::function<std::vector<ShelfBucket>()> list{};  ///< by name
  /// `owner`: the account that the bucket is to belong to; empty: the service. Fails with
  /// `already_exists` and `invalid_argument`.
  std::function<Status(const std::string& name, const std::string& owner)> create{};
  /// The account that the bucket belongs to; empty: the service.
  std::function<std::string(const std::string& name)> owner{};
};

}  // namespace cairn::api
