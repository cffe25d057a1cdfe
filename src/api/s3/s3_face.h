// The service's buckets as S3 shows them: read-only, but for new empty buckets. What the AWS CLI
// needs to read and validate a trail's files. Source: S3 API Reference, version 2006-03-01.
#pragma once

#include "access/caller.h"
#include "api/page_tokens.h"
#include "api/s3/s3_etags.h"
#include "api/s3/s3_request.h"
#include "api/s3/s3_sight.h"
#include "aws/http_message.h"
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
  std::function<Status(const std::string& name)> create{};
};

/// Thread-safe. Requests in path style, `/bucket/key`, and in virtual-host style
/// (bucket_in_host()).
class S3Face {
 public:
  /// `region`: the one that all buckets are in. Borrows `tokens`.
  S3Face(BucketShelf shelf, std::string region, const PageTokens& tokens)
      : shelf_(std::move(shelf)), region_(std::move(region)), tokens_(tokens) {}

  /// The request's signature was checked. What the caller sees is Sight's to tell.
  aws::ServerResponse handle(const access::Caller& caller, const aws::ServerRequest& request) const;

 private:
  /// A bucket that a request is about.
  struct Place {
    std::shared_ptr<io::ObjectStore> store{};
    const Sight& sight;
    const access::Caller& caller;
    const S3Request& asked;
    const aws::ServerRequest& request;
  };

  S3Request read_request(const aws::ServerRequest& request) const;
  aws::ServerResponse answer(const access::Caller& caller, const S3Request& asked,
                             const aws::ServerRequest& request) const;
  aws::ServerResponse create_bucket(const access::Caller& caller, const S3Request& asked,
                                    const aws::ServerRequest& request) const;
  aws::ServerResponse list_buckets(const access::Caller& caller, const Sight& sight,
                                   const S3Request& asked, const aws::ServerRequest& request) const;
  aws::ServerResponse read_bucket(const Place& at) const;
  aws::ServerResponse read_object(const Place& at) const;

  BucketShelf shelf_;
  std::string region_;
  const PageTokens& tokens_;
  mutable EtagBook etags_;
};

}  // namespace cairn::api
