// Notices of delivered log files, in the form in which SNS sends what CloudTrail publishes. Source:
// CloudTrail User Guide, "Configuring Amazon SNS notifications"; SNS Developer Guide, "HTTP/HTTPS
// notification JSON format". They carry no signature, as only SNS could make one.
#pragma once

#include "base/result.h"
#include "io/http_client.h"
#include "io/sqs.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::trails {

struct NoticeTarget {
  enum class Kind : uint8_t { http, sqs };
  Kind kind = Kind::http;
  std::string url{};  ///< http(s)://…; of a queue its URL
  bool raw = false;   ///< the message alone, as SNS's raw delivery

  bool operator==(const NoticeTarget&) const = default;
};

struct Notice {
  std::string id{};  ///< a UUID
  std::string topic_arn{};
  std::string message{};
  int64_t created_us = 0;
};

/// `{"s3Bucket":"B","s3ObjectKey":["key",…]}`
std::string delivery_message(std::string_view bucket, const std::vector<std::string>& keys);

/// SNS's envelope around the message.
std::string envelope(const Notice& notice);

/// Thread-safe.
class NoticeSender {
 public:
  virtual ~NoticeSender() = default;

  /// Fails when the target did not take it: an HTTP answer other than 2xx, a queue's refusal.
  virtual Status send(const NoticeTarget& target, const Notice& notice) = 0;
};

/// `http` must outlive it. `open_queue` is asked once for each queue; it may be empty, then
/// queues are refused.
std::unique_ptr<NoticeSender> make_notice_sender(
    io::HttpClient& http,
    std::function<Result<std::unique_ptr<io::Queue>>(const std::string& url)> open_queue);

}  // namespace cairn::trails
