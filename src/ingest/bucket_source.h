// Objects of a bucket as a source: found by listing, or named by messages of a queue.
#pragma once

#include "base/result.h"
#include "ingest/prefetch.h"
#include "ingest/source.h"
#include "io/s3_store.h"
#include "io/sqs.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::ingest {

struct BucketOptions {
  std::string bucket{};
  std::string prefix{};               ///< of the keys to list
  std::optional<int64_t> since_us{};  ///< list only days of delivery from this one on
  PrefetchOptions prefetch{};
};

/// Lists CloudTrail's layout day by day, any other layout whole. Borrows the store, whose keys are
/// whole keys of the bucket.
std::unique_ptr<Source> make_bucket_source(io::S3Store& store, BucketOptions options);

/// Objects that a queue's messages name (S3 notifications, CloudTrail's SNS form), in any bucket.
class QueueSource : public Source {
 public:
  /// Removes the messages whose objects were listed: they are in the ledger now.
  virtual Status acknowledge() = 0;
  /// Messages that name no object, and stay in the queue.
  virtual uint64_t unknown_messages() const = 0;
};

/// Gives the store of a bucket, made when it is first asked for.
using OpenBucket = std::function<Result<io::S3Store*>(const std::string& bucket)>;

/// list() receives until the queue is empty, or there are `messages_max`.
std::unique_ptr<QueueSource> make_queue_source(io::Queue& queue, OpenBucket open_bucket,
                                               int wait_seconds, size_t messages_max);

}  // namespace cairn::ingest
