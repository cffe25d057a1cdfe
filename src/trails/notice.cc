#include "trails/notice.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <map>
#include <mutex>

namespace cairn::trails {
namespace {

constexpr int64_t kAnswerMillis = 15'000;  // as long as SNS waits
constexpr uint64_t kAnswerBytesMax = 64 << 10;

/// `2025-03-14T09:11:22.345Z`
std::string sns_time(int64_t micros) {
  const auto time = to_civil(micros);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", time.year, time.month, time.day,
                     time.hour, time.minute, time.second, time.micros / 1000);
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() > 1 ? "," : "";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

class Sender final : public NoticeSender {
 public:
  Sender(io::HttpClient& http,
         std::function<Result<std::unique_ptr<io::Queue>>(const std::string&)> open_queue)
      : http_(http), open_queue_(std::move(open_queue)) {}

  Status send(const NoticeTarget& target, const Notice& notice) override {
    const auto body = target.raw ? notice.message : envelope(notice);
    if (target.kind == NoticeTarget::Kind::http) return post(target, notice, body);
    auto* const queue = CAIRN_TRY(queue_at(target.url));
    return queue->send(body);
  }

 private:
  Status post(const NoticeTarget& target, const Notice& notice, const std::string& body) {
    io::HttpRequest request{.method = "POST", .url = target.url, .body = body};
    request.headers = {{"Content-Type", "text/plain; charset=UTF-8"},
                       {"x-amz-sns-message-type", "Notification"},
                       {"x-amz-sns-message-id", notice.id},
                       {"x-amz-sns-topic-arn", notice.topic_arn}};
    if (target.raw) request.headers.push_back({"x-amz-sns-rawdelivery", "true"});
    request.response_bytes_max = kAnswerBytesMax;
    request.timeout_ms = kAnswerMillis;
    const auto answer = CAIRN_TRY(http_.send(request));
    if (answer.status / 100 == 2) return {};
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot send a notice of {}: the target answers with status {}",
                             printable(notice.topic_arn), answer.status)};
  }

  Result<io::Queue*> queue_at(const std::string& url) {
    const std::lock_guard lock(mutex_);
    auto& queue = queues_[url];
    if (!queue && open_queue_) queue = CAIRN_TRY(open_queue_(url));
    if (queue) return queue.get();
    return Error{ErrorKind::unimplemented, "notices to queues are not set up"};
  }

  io::HttpClient& http_;
  const std::function<Result<std::unique_ptr<io::Queue>>(const std::string&)> open_queue_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<io::Queue>> queues_;
};

}  // namespace

std::string delivery_message(std::string_view bucket, const std::vector<std::string>& keys) {
  std::string out = "{";
  append_member(out, "s3Bucket", bucket);
  out += ",\"s3ObjectKey\":[";
  for (size_t i = 0; i < keys.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, keys[i]);
  }
  return out + "]}";
}

std::string envelope(const Notice& notice) {
  std::string out = "{";
  append_member(out, "Type", "Notification");
  append_member(out, "MessageId", notice.id);
  append_member(out, "TopicArn", notice.topic_arn);
  append_member(out, "Message", notice.message);
  append_member(out, "Timestamp", sns_time(notice.created_us));
  return out + "}";
}

std::unique_ptr<NoticeSender> make_notice_sender(
    io::HttpClient& http,
    std::function<Result<std::unique_ptr<io::Queue>>(const std::string& url)> open_queue) {
  return std::make_unique<Sender>(http, std::move(open_queue));
}

}  // namespace cairn::trails
