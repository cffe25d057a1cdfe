// Messages that tell of new objects: S3's event notifications and CloudTrail's (SNS topic of a
// trail), as they are or within SNS's or EventBridge's envelope. Source: S3 User Guide, "Event
// message structure"; CloudTrail User Guide, "Configuring Amazon SNS notifications".
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::aws {

struct NotifiedObject {
  std::string bucket{};
  std::string key{};        ///< decoded
  uint64_t size_bytes = 0;  ///< 0: not told
  std::string etag{};       ///< may be empty
};

enum class NotificationKind : uint8_t {
  objects,
  test,     ///< S3's s3:TestEvent: the wiring works, nothing more
  ignored,  ///< well-formed, but of nothing that was created: removals, restores, …
};

struct Notification {
  NotificationKind kind = NotificationKind::objects;
  std::vector<NotifiedObject> objects{};
};

/// `body` is the SQS message's. Fails with `corrupt` when it is no such message: a retry will not
/// help, the queue's redrive policy decides.
Result<Notification> parse_notification(std::string_view body);

struct QueueMessage {
  std::string id{};
  std::string receipt_handle{};
  std::string body{};
  int receive_count = 0;  ///< ApproximateReceiveCount; 0: not told
};

/// The answer to SQS's ReceiveMessage in its JSON protocol. Messages whose body does not fit its
/// MD5 are left out: SQS gives them again. Fails with `corrupt`.
Result<std::vector<QueueMessage>> parse_queue_messages(std::string_view json);

}  // namespace cairn::aws
