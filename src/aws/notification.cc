#include "aws/notification.h"

#include "aws/uri.h"
#include "base/crypto.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace cairn::aws {
namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* key) {
  const auto* found = member(object, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

uint64_t number_of(const Json& object, const char* key) {
  const auto* found = member(object, key);
  return found != nullptr && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

const Json& at(const Json& object, const char* key) {
  static const Json kNothing;
  const auto* found = member(object, key);
  return found == nullptr ? kNothing : *found;
}

Error unknown() {
  return {ErrorKind::corrupt,
          "the message is none of S3's or CloudTrail's; hint: give the queue to cairn alone"};
}

// {"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":…},"object":{"key":…}}}]}
Result<Notification> of_s3(const Json& records) {
  Notification out{.kind = NotificationKind::ignored};
  for (const auto& record : records) {
    const auto& s3 = at(record, "s3");
    // The prefix "s3:" is only in notification configurations and old messages.
    auto event = text_of(record, "eventName");
    if (event.starts_with("s3:")) event.erase(0, 3);
    if (event.empty() || !s3.is_object()) return unknown();
    if (!event.starts_with("ObjectCreated:")) continue;
    const auto& object = at(s3, "object");
    NotifiedObject found{.bucket = text_of(at(s3, "bucket"), "name"),
                         .key = form_decode(text_of(object, "key")),
                         .size_bytes = number_of(object, "size"),
                         .etag = text_of(object, "eTag")};
    if (found.bucket.empty() || found.key.empty()) return unknown();
    out.objects.push_back(std::move(found));
  }
  if (!out.objects.empty()) out.kind = NotificationKind::objects;
  return out;
}

// {"s3Bucket":…,"s3ObjectKey":[…]}: keys as they are.
Result<Notification> of_cloudtrail(const Json& message) {
  Notification out;
  const auto bucket = text_of(message, "s3Bucket");
  const auto& keys = at(message, "s3ObjectKey");
  if (bucket.empty() || !keys.is_array()) return unknown();
  for (const auto& key : keys) {
    if (!key.is_string() || key.get_ref<const std::string&>().empty()) return unknown();
    out.objects.push_back({.bucket = bucket, .key = key.get<std::string>()});
  }
  if (out.objects.empty()) out.kind = NotificationKind::ignored;
  return out;
}

// {"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":…},"object":{…}}}
Result<Notification> of_eventbridge(const Json& message) {
  if (text_of(message, "detail-type") != "Object Created")
    return Notification{.kind = NotificationKind::ignored};
  const auto& detail = at(message, "detail");
  const auto& object = at(detail, "object");
  NotifiedObject found{.bucket = text_of(at(detail, "bucket"), "name"),
                       .key = text_of(object, "key"),
                       .size_bytes = number_of(object, "size"),
                       .etag = text_of(object, "etag")};
  if (found.bucket.empty() || found.key.empty()) return unknown();
  return Notification{.objects = {std::move(found)}};
}

Result<Notification> of_message(const Json& message, bool enveloped) {
  if (!message.is_object()) return unknown();
  if (const auto& records = at(message, "Records"); records.is_array()) return of_s3(records);
  if (member(message, "s3Bucket") != nullptr) return of_cloudtrail(message);
  if (text_of(message, "Event") == "s3:TestEvent")
    return Notification{.kind = NotificationKind::test};
  if (text_of(message, "source") == "aws.s3") return of_eventbridge(message);
  if (!enveloped && text_of(message, "Type") == "Notification") {
    const auto text = text_of(message, "Message");
    // CloudTrail writes so into a new trail's topic.
    if (text.starts_with("CloudTrail validation message."))
      return Notification{.kind = NotificationKind::test};
    return of_message(Json::parse(text, nullptr, false), true);
  }
  return unknown();
}

}  // namespace

Result<Notification> parse_notification(std::string_view body) {
  if (body.starts_with("CloudTrail validation message."))
    return Notification{.kind = NotificationKind::test};
  return of_message(Json::parse(body, nullptr, false), false);
}

Result<std::vector<QueueMessage>> parse_queue_messages(std::string_view json) {
  const auto parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) return Error{ErrorKind::corrupt, "the answer is not a JSON object"};
  std::vector<QueueMessage> out;
  const auto& messages = at(parsed, "Messages");
  if (!messages.is_array()) return out;
  for (const auto& message : messages) {
    QueueMessage found{.id = text_of(message, "MessageId"),
                       .receipt_handle = text_of(message, "ReceiptHandle"),
                       .body = text_of(message, "Body")};
    if (found.receipt_handle.empty())
      return Error{ErrorKind::corrupt, "the answer holds a message without a receipt handle"};
    const auto count = text_of(at(message, "Attributes"), "ApproximateReceiveCount");
    (void)std::from_chars(count.data(), count.data() + count.size(), found.receive_count);
    const auto digest = text_of(message, "MD5OfBody");
    if (digest.empty() || digest == to_hex(md5(found.body))) out.push_back(std::move(found));
  }
  return out;
}

}  // namespace cairn::aws
