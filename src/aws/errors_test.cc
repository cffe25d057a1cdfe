#include "aws/errors.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

TEST(Errors, OfS3) {
  const auto error = parse_error_xml(
      "<?xml version=\"1.0\"?>\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The "
      "authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
      "</Message><Region>eu-west-1</Region></Error>");
  EXPECT_EQ(error.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(error.region, "eu-west-1");
  EXPECT_EQ(error_kind(400, error.code), ErrorKind::invalid_argument);
}

TEST(Errors, OfQueryServices) {
  const auto error = parse_error_xml(
      "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"
      "</Type><Code>AccessDenied</Code><Message>no &amp; no</Message></Error></ErrorResponse>");
  EXPECT_EQ(error.code, "AccessDenied");
  EXPECT_EQ(error.message, "no & no");
}

TEST(Errors, OfJsonServices) {
  auto error = parse_error_json(
      R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The queue is not there."})",
      {{"X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}});
  EXPECT_EQ(error.code, "AWS.SimpleQueueService.NonExistentQueue");
  EXPECT_EQ(error_kind(400, error.code), ErrorKind::not_found);
  error = parse_error_json(R"({"Message":"x"})",
                           {{"x-amzn-ErrorType", "ThrottlingException:http://internal/"}});
  EXPECT_EQ(error.code, "ThrottlingException");
  EXPECT_EQ(error.message, "x");
}

TEST(Errors, OfSomethingElse) {
  for (const auto* body : {"", "<html>", "<a/>", "[]", "{\"__type\":1,\"message\":[]}", "{"}) {
    EXPECT_EQ(parse_error_xml(body).code, "") << body;
    EXPECT_EQ(parse_error_json(body, {}).code, "") << body;
  }
}

TEST(Errors, WhatHelps) {
  EXPECT_TRUE(is_retryable(503, "SlowDown"));
  EXPECT_TRUE(is_retryable(500, ""));
  EXPECT_TRUE(is_retryable(400, "RequestTimeout"));
  EXPECT_TRUE(is_retryable(429, ""));
  EXPECT_FALSE(is_retryable(501, "NotImplemented"));
  EXPECT_FALSE(is_retryable(403, "AccessDenied"));
  EXPECT_TRUE(is_throttling(503, "SlowDown"));
  EXPECT_FALSE(is_throttling(503, "ServiceUnavailable"));
  EXPECT_EQ(error_kind(403, "AccessDenied"), ErrorKind::permission_denied);
  EXPECT_EQ(error_kind(404, "NoSuchKey"), ErrorKind::not_found);
  EXPECT_EQ(error_kind(503, "SlowDown"), ErrorKind::unavailable);
}

}  // namespace
}  // namespace cairn::aws
