#include "trails/notice.h"

#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cairn::trails {
namespace {

using io::testing::HttpServer;
using io::testing::Received;
using io::testing::Reply;

const Notice kNotice{.id = "12345678-1234-4234-8234-123456789012",
                     .topic_arn = "arn:aws:sns:eu-west-1:111122223333:t",
                     .message = R"({"s3Bucket":"b","s3ObjectKey":["k"]})",
                     .created_us = 1'741'943'482'345'678};

TEST(Notices, haveSnssForm) {
  EXPECT_EQ(delivery_message("b", {"k\"1", "k2"}),
            R"({"s3Bucket":"b","s3ObjectKey":["k\"1","k2"]})");
  EXPECT_EQ(envelope(kNotice),
            R"({"Type":"Notification","MessageId":"12345678-1234-4234-8234-123456789012",)"
            R"("TopicArn":"arn:aws:sns:eu-west-1:111122223333:t",)"
            R"("Message":"{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}",)"
            R"("Timestamp":"2025-03-14T09:11:22.345Z"})");
}

TEST(Notices, goOverHttp) {
  int status = 200;
  HttpServer server([&](const Received&) -> Reply { return {.status = status}; });
  const auto http = io::make_http_client({});
  const auto sender = make_notice_sender(*http, {});
  ASSERT_TRUE(sender->send({.url = server.url("/hook")}, kNotice).ok());
  ASSERT_TRUE(sender->send({.url = server.url("/hook"), .raw = true}, kNotice).ok());
  const auto requests = server.received();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].body, envelope(kNotice));
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-sns-message-type"), "Notification");
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-sns-message-id"), kNotice.id);
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-sns-topic-arn"), kNotice.topic_arn);
  EXPECT_EQ(requests[1].body, kNotice.message);
  EXPECT_EQ(aws::find_header(requests[1].headers, "x-amz-sns-rawdelivery"), "true");
  status = 500;
  EXPECT_EQ(sender->send({.url = server.url("/hook")}, kNotice).error().kind(),
            ErrorKind::unavailable);
}

TEST(Notices, goToQueues) {
  HttpServer server([](const Received&) -> Reply { return {.body = "{}"}; });
  const auto http = io::make_http_client({});
  const auto credentials =
      io::make_static_credentials({.access_key = "AK", .secret_key = "SECRET"});
  io::testing::FakeTime time;
  io::testing::FakeRandom random;
  const auto sender = make_notice_sender(*http, [&](const std::string& url) {
    return io::open_queue({.url = url}, {*credentials, time, time, random});
  });
  const NoticeTarget queue{.kind = NoticeTarget::Kind::sqs, .url = server.url("/1/q")};
  ASSERT_TRUE(sender->send(queue, kNotice).ok());
  const auto requests = server.received();
  ASSERT_EQ(requests.size(), 1U);
  const auto body = nlohmann::json::parse(requests[0].body);
  EXPECT_EQ(body.at("MessageBody"), envelope(kNotice));
  EXPECT_EQ(make_notice_sender(*http, {})->send(queue, kNotice).error().kind(),
            ErrorKind::unimplemented);
}

}  // namespace
}  // namespace cairn::trails
