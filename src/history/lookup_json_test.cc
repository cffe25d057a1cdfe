#include "history/lookup_json.h"

#include <gtest/gtest.h>

namespace cairn::history {
namespace {

Event sample() {
  return {.event_id = "654ccbc0",
          .event_name = "CreateBucket",
          .read_only = false,
          .access_key_id = "AKIAEXAMPLE",
          .time_us = 1'741'942'800'000'000,
          .event_source = "s3.amazonaws.com",
          .username = "alice",
          .resources = {{"AWS::S3::Bucket", "b"}, {"", "c"}},
          .record = R"({"a":"\u001b"})"};
}

TEST(LookupJson, IsWhatTheAwsCliPrints) {
  LookupJson json;
  std::string out = LookupJson::begin();
  out += json.event(sample());
  out += json.event({.event_id = "2", .record = "{}"});
  out += json.end("abc");
  EXPECT_EQ(out, R"({
    "Events": [
        {
            "EventId": "654ccbc0",
            "EventName": "CreateBucket",
            "ReadOnly": "false",
            "AccessKeyId": "AKIAEXAMPLE",
            "EventTime": "2025-03-14T09:00:00+00:00",
            "EventSource": "s3.amazonaws.com",
            "Username": "alice",
            "Resources": [
                {
                    "ResourceType": "AWS::S3::Bucket",
                    "ResourceName": "b"
                },
                {
                    "ResourceName": "c"
                }
            ],
            "CloudTrailEvent": "{\"a\":\"\\u001b\"}"
        },
        {
            "EventId": "2",
            "Resources": [],
            "CloudTrailEvent": "{}"
        }
    ],
    "NextToken": "abc"
}
)");
}

TEST(LookupJson, OfNothingIsAnEmptyList) {
  EXPECT_EQ(LookupJson::begin() + LookupJson().end(""), "{\n    \"Events\": []\n}\n");
}

TEST(LookupJson, OnOneLine) {
  EXPECT_EQ(event_json({.event_id = "2", .resources = {{"T", "n"}}, .record = "{}"}),
            R"({"EventId": "2", "Resources": [{"ResourceType": "T", "ResourceName": "n"}], )"
            R"("CloudTrailEvent": "{}"})");
}

}  // namespace
}  // namespace cairn::history
