#include "aws/http_date.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

constexpr int64_t kNow = 1'773'999'999'000'000;    // 20 March 2026
constexpr int64_t kExample = 784'111'777'000'000;  // RFC 9110's own
constexpr int64_t kThen = 1'773'999'999'000'000 + 1'000'000;

TEST(HttpDate, KnowsAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNow), kExample + 10 * 86'400'000'000);
  EXPECT_EQ(http_date(kExample + 999'999), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const int64_t at : {int64_t{0}, kNow, kThen, int64_t{253'402'300'799'000'000}})
    EXPECT_EQ(parse_http_date(http_date(at), kNow), at) << http_date(at);
}

TEST(HttpDate, TakesTheYearOfTwoDigitsThatIsNear) {
  // 2076 is 50 years ahead; 77 is then 1977.
  EXPECT_EQ(http_date(*parse_http_date("Sunday, 01-Jan-76 00:00:00 GMT", kNow)),
            "Wed, 01 Jan 2076 00:00:00 GMT");
  EXPECT_EQ(http_date(*parse_http_date("Sunday, 01-Jan-77 00:00:00 GMT", kNow)),
            "Sat, 01 Jan 1977 00:00:00 GMT");
  const auto late = parse_http_date("Thu, 01 Jan 2099 00:00:00 GMT", kNow);
  EXPECT_EQ(http_date(*parse_http_date("Sunday, 01-Jan-01 00:00:00 GMT", *late)),
            "Sat, 01 Jan 2101 00:00:00 GMT");
}

TEST(HttpDate, RefusesWhatIsNone) {
  for (const auto* const text :
       {"", "now", "2026-03-20T09:46:40Z", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun", "Sunday,", "Sun ",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 94", "784111777"})
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
}

}  // namespace
}  // namespace cairn::aws
