#include "history/internal/page_token.h"

#include <gtest/gtest.h>

namespace cairn::history {
namespace {

void refuse(std::string_view token, std::string_view request, std::string_view part) {
  SCOPED_TRACE(token);
  const auto got = decode_token(token, request);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().aws_code(), "InvalidNextTokenException");
  EXPECT_NE(got.error().message().find(part), std::string::npos) << got.error().message();
}

TEST(PageToken, GoesThereAndBack) {
  for (const Cursor& cursor :
       {Cursor{}, Cursor{.time_us = -5, .event_id = "a-b"},
        Cursor{.time_us = 253'402'300'799'000'000, .event_id = "z"},
        Cursor{.time_us = 1'700'000'000'000'000, .file = "logs/é x.json.gz", .record = 17}}) {
    const auto got = decode_token(encode_token(cursor, "q"), "q");
    ASSERT_TRUE(got.ok()) << got.error().message();
    EXPECT_EQ(got.value(), cursor);
  }
}

TEST(PageToken, BelongsToItsRequest) {
  const std::string token = encode_token({.time_us = 1, .event_id = "x"}, "a");
  refuse(token, "b", "other parameters");
}

TEST(PageToken, RefusesDamage) {
  const std::string token = encode_token({.time_us = 1, .event_id = "x"}, "q");
  for (size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(decode_token(token.substr(0, size), "q").ok()) << size;
  EXPECT_FALSE(decode_token(token + "00", "q").ok());
  for (size_t at = 0; at < token.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      auto other = token;
      other[at] = static_cast<char>(byte);
      EXPECT_EQ(decode_token(other, "q").ok(), other == token) << other;
    }
  refuse("no token", "q", "not one that a lookup gave");
  refuse("0", "q", "not one that a lookup gave");
}

TEST(PageToken, RefusesWhatNoLookupCanMean) {
  for (const Cursor& cursor :
       {Cursor{.time_us = INT64_MAX, .event_id = "x"}, Cursor{.time_us = INT64_MIN},
        Cursor{.event_id = "\xff"}, Cursor{.file = "\xc3"}, Cursor{.record = -1}})
    refuse(encode_token(cursor, "q"), "q", "damaged");
}

}  // namespace
}  // namespace cairn::history
