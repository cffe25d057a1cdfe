#include "io/sqs.h"

#include "aws/endpoint.h"
#include "aws/uri.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::io {
namespace {

constexpr int kMessagesMax = 10;               // SQS's
constexpr int kWaitSecondsMax = 20;            // SQS's
constexpr int kVisibilitySecondsMax = 43'200;  // SQS's
constexpr uint64_t kAnswerBytesMax = 16 << 20;

// sqs.eu-west-1.amazonaws.com, or the older eu-west-1.queue.amazonaws.com
std::string region_of(std::string_view host) {
  const auto first = host.substr(0, host.find('.'));
  if (first != "sqs") return host.find(".queue.amazonaws.") != host.npos ? std::string(first) : "";
  const auto rest = host.substr(first.size() + 1);
  return std::string(rest.substr(0, rest.find('.')));
}

class SqsQueue final : public Queue {
 public:
  SqsQueue(QueueOptions options, aws::Url url, AwsWorld world)
      : options_(std::move(options)),
        url_(std::move(url)),
        http_(make_http_client(options_.http, world.cancelled)),
        client_(*http_, world, options_.retries) {}

  Result<std::vector<aws::QueueMessage>> receive(int messages_max, int wait_seconds,
                                                 int visibility_seconds) override {
    auto body = begin_body();
    body += fmt::format(R"(,"MaxNumberOfMessages":{},"WaitTimeSeconds":{},"VisibilityTimeout":{},)"
                        R"("AttributeNames":["ApproximateReceiveCount"]}})",
                        std::clamp(messages_max, 1, kMessagesMax),
                        std::clamp(wait_seconds, 0, kWaitSecondsMax),
                        std::clamp(visibility_seconds, 0, kVisibilitySecondsMax));
    const auto answer = CAIRN_TRY(call("ReceiveMessage", body));
    if (!answer.ok()) return answer.refusal("read from the queue " + printable(options_.url));
    auto messages = aws::parse_queue_messages(answer.response.body);
    if (!messages.ok())
      return std::move(messages).error().context("cannot read from the queue " +
                                                 printable(options_.url));
    return messages;
  }

  Status remove(const std::string& receipt_handle) override {
    const auto answer =
        CAIRN_TRY(call("DeleteMessage", begin_body() + handle_member(receipt_handle) + "}"));
    if (answer.ok()) return {};
    return answer.refusal("remove a message from the queue " + printable(options_.url));
  }

  Status send(const std::string& body) override {
    auto request = begin_body() + ",\"MessageBody\":";
    append_json_string(request, body);
    const auto answer = CAIRN_TRY(call("SendMessage", request + "}"));
    if (answer.ok()) return {};
    return answer.refusal("send a message to the queue " + printable(options_.url));
  }

  Status hide(const std::string& receipt_handle, int visibility_seconds) override {
    const auto body =
        fmt::format("{}{},\"VisibilityTimeout\":{}}}", begin_body(), handle_member(receipt_handle),
                    std::clamp(visibility_seconds, 0, kVisibilitySecondsMax));
    const auto answer = CAIRN_TRY(call("ChangeMessageVisibility", body));
    if (answer.ok()) return {};
    return answer.refusal("hide a message of the queue " + printable(options_.url));
  }

 private:
  std::string begin_body() const {
    std::string body = "{\"QueueUrl\":";
    append_json_string(body, options_.url);
    return body;
  }

  static std::string handle_member(const std::string& receipt_handle) {
    std::string out = ",\"ReceiptHandle\":";
    append_json_string(out, receipt_handle);
    return out;
  }

  Result<AwsAnswer> call(std::string_view operation, const std::string& body) {
    return client_.send({.service = "sqs",
                         .region = options_.region,
                         .method = "POST",
                         .scheme = url_.scheme,
                         .host = url_.host,
                         .path = url_.path.empty() ? "/" : url_.path,
                         .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                     {"X-Amz-Target", fmt::format("AmazonSQS.{}", operation)}},
                         .body = body,
                         .response_bytes_max = kAnswerBytesMax,
                         .json = true});
  }

  const QueueOptions options_;
  const aws::Url url_;  ///< where requests go
  std::unique_ptr<HttpClient> http_;
  AwsClient client_;
};

}  // namespace

Result<std::unique_ptr<Queue>> open_queue(QueueOptions options, AwsWorld world) {
  aws::Url url;
  if (!aws::parse_url(options.url, url) || url.path.size() < 2)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not a queue's URL; hint: write it as "
                             "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME",
                             printable(options.url))};
  if (options.region.empty()) options.region = region_of(url.host);
  if (options.region.empty()) options.region = "us-east-1";
  if (!is_region_name(options.region))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not a region's name", printable(options.region))};
  url.path.clear();  // the queue is named in the body
  if (!options.endpoint.empty() && !aws::parse_url(options.endpoint, url))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not an endpoint; hint: write it as https://host:port",
                             printable(options.endpoint))};
  return std::unique_ptr<Queue>(
      std::make_unique<SqsQueue>(std::move(options), std::move(url), world));
}

}  // namespace cairn::io
