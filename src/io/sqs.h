// A queue of SQS: read by long polling, written a message at a time (JSON protocol 1.0).
#pragma once

#include "aws/notification.h"
#include "base/result.h"
#include "io/aws_client.h"
#include "io/http_client.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::io {

struct QueueOptions {
  /// `https://sqs.eu-west-1.amazonaws.com/111122223333/name`
  std::string url{};
  std::string region{};    ///< empty: as the URL's host says, else us-east-1
  std::string endpoint{};  ///< where requests go instead of the URL's host; may be empty
  HttpOptions http{};
  RetryOptions retries{};
};

/// Thread-safe.
class Queue {
 public:
  virtual ~Queue() = default;

  /// Up to 10 messages; waits up to `wait_seconds` (0 to 20) for the first. Each is hidden from
  /// other readers for `visibility_seconds` (0 to 43,200), then comes again unless it was removed.
  virtual Result<std::vector<aws::QueueMessage>> receive(int messages_max, int wait_seconds,
                                                         int visibility_seconds) = 0;

  virtual Status remove(const std::string& receipt_handle) = 0;

  /// Puts a message into the queue; `body` is UTF-8, at most 256 KiB.
  virtual Status send(const std::string& body) = 0;

  /// Hides a message for so long from now; 0 gives it back at once.
  virtual Status hide(const std::string& receipt_handle, int visibility_seconds) = 0;
};

/// Does not go to the network yet. Fails with `invalid_argument`.
Result<std::unique_ptr<Queue>> open_queue(QueueOptions options, AwsWorld world);

}  // namespace cairn::io
