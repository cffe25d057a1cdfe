#include "io/sqs.h"

#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>

namespace cairn::io {
namespace {

using testing::FakeRandom;
using testing::FakeTime;
using testing::HttpServer;
using testing::Received;
using testing::Reply;

class SqsTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Queue>> open(const std::string& url, const std::string& endpoint = "") {
    return open_queue({.url = url, .endpoint = endpoint}, {*credentials_, time_, time_, random_});
  }

  std::unique_ptr<CredentialsProvider> credentials_ =
      make_static_credentials({.access_key = "AK", .secret_key = "SECRET"});
  FakeTime time_;
  FakeRandom random_;
};

TEST_F(SqsTest, ReceivesAndRemoves) {
  HttpServer server([](const Received& request) -> Reply {
    if (aws::find_header(request.headers, "x-amz-target") == "AmazonSQS.ReceiveMessage")
      return {.body = R"({"Messages":[{"MessageId":"1","ReceiptHandle":"r\"1","Body":"b"}]})"};
    return {.body = "{}"};
  });
  const auto queue = open("https://sqs.eu-west-1.amazonaws.com/1/q", server.url());
  ASSERT_TRUE(queue.ok());
  const auto messages = queue.value()->receive(99, 20, 60);
  ASSERT_TRUE(messages.ok());
  ASSERT_EQ(messages.value().size(), 1U);
  EXPECT_TRUE(queue.value()->remove(messages.value()[0].receipt_handle).ok());
  EXPECT_TRUE(queue.value()->hide("h", 0).ok());
  const auto requests = server.received();
  EXPECT_EQ(requests[0].body,
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q","MaxNumberOfMessages":10,)"
            R"("WaitTimeSeconds":20,"VisibilityTimeout":60,)"
            R"("AttributeNames":["ApproximateReceiveCount"]})");
  EXPECT_EQ(requests[1].body,
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q","ReceiptHandle":"r\"1"})");
  EXPECT_EQ(aws::find_header(requests[2].headers, "x-amz-target"),
            "AmazonSQS.ChangeMessageVisibility");
  EXPECT_NE(aws::find_header(requests[0].headers, "authorization").find("/eu-west-1/sqs/"),
            std::string_view::npos);
}

TEST_F(SqsTest, Sends) {
  HttpServer server([](const Received&) -> Reply { return {.body = "{}"}; });
  const auto queue = open(server.url("/1/q"));
  ASSERT_TRUE(queue.ok());
  EXPECT_TRUE(queue.value()->send("a \"b\"").ok());
  const auto requests = server.received();
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-target"), "AmazonSQS.SendMessage");
  EXPECT_EQ(requests[0].body,
            "{\"QueueUrl\":\"" + server.url("/1/q") + R"(","MessageBody":"a \"b\""})");
}

TEST_F(SqsTest, SaysWhatTheServiceSays) {
  HttpServer server([](const Received&) -> Reply {
    return {.status = 400,
            .body = R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"})"};
  });
  const auto queue = open(server.url("/1/q"));
  ASSERT_TRUE(queue.ok());
  const auto messages = queue.value()->receive(1, 0, 0);
  ASSERT_FALSE(messages.ok());
  EXPECT_EQ(messages.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(messages.error().message(),
            "cannot read from the queue " + server.url("/1/q") + ": QueueDoesNotExist: gone");
}

TEST_F(SqsTest, RefusesWhatIsNoQueue) {
  EXPECT_FALSE(open("arn:aws:sqs:eu-west-1:1:q").ok());
  EXPECT_FALSE(open("https://sqs.eu-west-1.amazonaws.com").ok());
  EXPECT_FALSE(open("https://sqs.eu-west-1.amazonaws.com/1/q", "localhost").ok());
}

}  // namespace
}  // namespace cairn::io
