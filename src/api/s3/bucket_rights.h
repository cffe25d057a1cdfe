// Who may know of a bucket, and who may have a trail deliver to it. A bucket that a key of some
// accounts makes belongs to the key's home account; others belong to the service, and a key of some
// accounts knows of those in which it sees anything, or to which a trail of its accounts delivers.
#pragma once

#include "access/caller.h"
#include "api/s3/s3_shelf.h"
#include "base/result.h"
#include "io/object_store.h"

#include <string>
#include <utility>

namespace cairn::trails {
class Trails;
}

namespace cairn::api {

/// Thread-safe.
class BucketRights {
 public:
  /// `trails` may be null.
  BucketRights(BucketShelf shelf, trails::Trails* trails)
      : shelf_(std::move(shelf)), trails_(trails) {}

  /// Whether the bucket exists for the caller.
  bool knows_of(const access::Caller& caller, const std::string& bucket,
                io::ObjectStore& store) const;

  /// Whether the caller may have a trail deliver to the bucket: it must hold nothing, and get
  /// nothing from a trail, that the caller may not see. Fails with S3BucketDoesNotExistException if
  /// the caller does not know of the bucket, else with InsufficientS3BucketPolicyException.
  /// Succeeds for a missing bucket.
  Status check_delivery(const access::Caller& caller, const std::string& bucket) const;

 private:
  bool is_free_for(const access::Caller& caller, const std::string& bucket,
                   io::ObjectStore& store) const;

  BucketShelf shelf_;
  trails::Trails* trails_;
};

}  // namespace cairn::api
