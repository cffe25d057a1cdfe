// Any bytes as a queue's messages: no crash; what is found has a bucket and a key.
#include "aws/notification.h"

#include "aws/credentials_text.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto found = aws::parse_notification(input); found.ok()) {
    CAIRN_CHECK((found.value().kind == aws::NotificationKind::objects) ==
                !found.value().objects.empty());
    for (const auto& object : found.value().objects)
      CAIRN_CHECK(!object.bucket.empty() && !object.key.empty());
  }
  if (const auto messages = aws::parse_queue_messages(input); messages.ok())
    for (const auto& message : messages.value()) CAIRN_CHECK(!message.receipt_handle.empty());
  (void)aws::parse_sts_credentials(input);
  (void)aws::parse_json_credentials(input);
  return 0;
}
