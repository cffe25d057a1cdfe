// The service's buckets as S3 shows them: read-only, but for new empty buckets. What the AWS CLI
// needs to read and validate a trail's files. Source: S3 API Reference, version 2006-03-01.
#pragma once

#include "access/caller.h"
#include "aws/http_message.h"
#include "base/result.h"
#include "io/object_store.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

/// The buckets there are. Functions are thread-safe.
struct BucketShelf {
  /// Fails with `not_found` (NoSuchBucket).
  std::function<Result<std::shared_ptr<io::ObjectStore>>(const std::string& name)> open{};
  std::function<std::vector<std::string>()> names{};
  std::function<Status(const std::string& name)> create{};
};

/// Thread-safe. Path-style requests: `/bucket/key`.
class S3Face {
 public:
  explicit S3Face(BucketShelf shelf) : shelf_(std::move(shelf)) {}

  /// The request's signature was checked. A caller who sees some accounts only reads only what
  /// lies under `AWSLogs/ACCOUNT/` or `AWSLogs/o-ID/ACCOUNT/` of those.
  aws::ServerResponse handle(const access::Caller& caller, const aws::ServerRequest& request) const;

 private:
  BucketShelf shelf_;
};

/// Whether `key` is a file of an account that the caller sees.
bool may_read(const access::Caller& caller, std::string_view key);

}  // namespace cairn::api
