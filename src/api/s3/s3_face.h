// The service's buckets as S3 shows them: read-only, but for new empty buckets. What the AWS CLI
// needs to read and validate a trail's files. Source: S3 API Reference, version 2006-03-01.
#pragma once

#include "access/caller.h"
#include "api/s3/bucket_rights.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_etags.h"
#include "api/s3/s3_request.h"
#include "api/s3/s3_shelf.h"
#include "aws/http_message.h"
#include "io/object_store.h"

#include <memory>
#include <string>
#include <utility>

namespace cairn::api {

/// Thread-safe. Requests in path style, `/bucket/key`, and in virtual-host style
/// (bucket_in_host()).
class S3Face {
 public:
  /// Borrows `rights`. `region`: the one that all buckets are in.
  S3Face(BucketShelf shelf, const BucketRights& rights, std::string region)
      : shelf_(std::move(shelf)), rights_(rights), region_(std::move(region)) {}

  /// What a request asks for.
  struct Asked {
    S3Request request{};
    S3Call call{};
  };

  /// Reads a request whose signature was checked.
  Asked read(const access::Caller& caller, const aws::ServerRequest& request) const;

  /// `asked`: what read() made of the request. Which buckets the caller knows of is BucketRights'
  /// to decide, and which of their objects it sees is Sight's.
  aws::ServerResponse handle(const access::Caller& caller, const Asked& asked,
                             const aws::ServerRequest& request) const;

  /// The region that all buckets are in.
  const std::string& region() const { return region_; }

 private:
  /// A bucket that a request is about.
  struct Place {
    std::shared_ptr<io::ObjectStore> store{};
    const access::Caller& caller;
    const S3Request& asked;
    const aws::ServerRequest& request;
  };

  S3Request read_request(const access::Caller& caller, const aws::ServerRequest& request) const;
  aws::ServerResponse answer(const access::Caller& caller, const S3Request& asked,
                             const S3Call& call, const aws::ServerRequest& request) const;
  aws::ServerResponse create_bucket(const access::Caller& caller, const S3Request& asked,
                                    const aws::ServerRequest& request) const;
  aws::ServerResponse list_buckets(const access::Caller& caller, const S3Request& asked,
                                   const aws::ServerRequest& request) const;
  aws::ServerResponse read_bucket(const Place& at) const;
  aws::ServerResponse read_object(const Place& at) const;
  bool knows_of(const Place& at) const;

  BucketShelf shelf_;
  const BucketRights& rights_;
  std::string region_;
  mutable EtagBook etags_;
};

}  // namespace cairn::api
