#include "api/s3/s3_conditions.h"

#include "aws/http_date.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::api {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kModified = 784'111'777'400'000;  // Sun, 06 Nov 1994 08:49:37 GMT, and more
constexpr int64_t kNow = 1'773'999'999'000'000;
const Validators kHave{.etag = "abc", .modified_us = kModified};

int status(const aws::Headers& headers) {
  return condition_status(headers, kHave, kNow);
}

std::string later(int64_t seconds) {
  return aws::http_date(kModified + seconds * kSecond);
}

TEST(Conditions, ComparesBySeconds) {
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({{"If-Modified-Since", later(-1)}}), 200);
  EXPECT_EQ(status({{"If-Modified-Since", later(0)}}), 304);
  EXPECT_EQ(status({{"if-modified-since", later(1)}}), 304);
  EXPECT_EQ(status({{"If-Unmodified-Since", later(-1)}}), 412);
  EXPECT_EQ(status({{"If-Unmodified-Since", later(0)}}), 200);
  for (const auto* const form : {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                                 " Sun, 06 Nov 1994 08:49:37 GMT "})
    EXPECT_EQ(status({{"If-Modified-Since", form}}), 304) << form;
  // What is no date, or more than one, is as if it were not there.
  EXPECT_EQ(status({{"If-Modified-Since", "tomorrow"}}), 200);
  EXPECT_EQ(status({{"If-Unmodified-Since", "yesterday"}}), 200);
  EXPECT_EQ(status({{"If-Modified-Since", later(0)}, {"If-Modified-Since", later(0)}}), 200);
}

TEST(Conditions, KnowsListsOfEtags) {
  for (const auto* const list : {"\"abc\"", "abc", "*", "\"x\", \"abc\"", "\"a,b\",\"abc\"", " * "})
    EXPECT_EQ(status({{"If-Match", list}}), 200) << list;
  for (const auto* const list : {"\"x\"", "W/\"abc\"", "\"a,abc\"", "", "\"\"", ",", "\"x\"abc"})
    EXPECT_EQ(status({{"If-Match", list}}), 412) << list;
  EXPECT_EQ(status({{"If-Match", "\"x\""}, {"If-Match", "\"abc\""}}), 200);
  EXPECT_EQ(status({{"If-None-Match", "W/\"abc\""}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "*"}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "\"x\" , W/\"y\""}}), 200);
}

TEST(Conditions, EtagsGoBeforeDates) {
  EXPECT_EQ(status({{"If-Match", "abc"}, {"If-Unmodified-Since", later(-1)}}), 200);
  EXPECT_EQ(status({{"If-Match", "x"}, {"If-Unmodified-Since", later(0)}}), 412);
  EXPECT_EQ(status({{"If-None-Match", "abc"}, {"If-Modified-Since", later(-1)}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "x"}, {"If-Modified-Since", later(0)}}), 200);
  EXPECT_EQ(status({{"If-Match", "x"}, {"If-None-Match", "abc"}}), 412);
  EXPECT_EQ(status({{"If-Match", "abc"}, {"If-None-Match", "abc"}}), 304);
}

TEST(Conditions, IfRangeWantsTheVerySame) {
  const auto counts = [](const std::string& value) {
    return range_counts({{"If-Range", value}}, kHave, kNow);
  };
  EXPECT_TRUE(range_counts({}, kHave, kNow));
  EXPECT_TRUE(counts("\"abc\""));
  EXPECT_TRUE(counts(later(0)));
  EXPECT_FALSE(counts(later(1)));
  EXPECT_FALSE(counts(later(-1)));
  EXPECT_FALSE(counts("W/\"abc\""));
  EXPECT_FALSE(counts("\"x\""));
  EXPECT_FALSE(counts("*"));
}

}  // namespace
}  // namespace cairn::api
