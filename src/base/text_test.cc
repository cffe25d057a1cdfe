#include "base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn {
namespace {

TEST(Text, edit_distance_counts_swaps_once) {
  EXPECT_EQ(edit_distance("tpye", "type"), 1U);
  EXPECT_EQ(edit_distance("evenname", "eventname"), 1U);
  EXPECT_EQ(edit_distance("EVENTNAME", "eventName"), 0U);
}

TEST(Text, nearest_name_is_silent_when_nothing_is_near) {
  const std::vector<std::string_view> names{"eventName", "eventTime", "errorCode"};
  EXPECT_EQ(nearest_name("evenname", names), "eventName");
  EXPECT_EQ(nearest_name("colour", names), "");
}

TEST(Text, json_strings_escape_control_characters) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\x01\0b", 7));
  EXPECT_EQ(out, R"("a\"\\\n\u0001\u0000b")");
}

TEST(Text, printable_disarms_terminal_sequences) {
  EXPECT_EQ(printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(printable("\xc2\x9b\x33m\xc3\xa9"), "\\x9b\x33m\xc3\xa9");
}

TEST(Text, numbers_for_people) {
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(12), "12");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1'300'000'000), "1.3 GB");
  EXPECT_EQ(human_bytes(52'000), "52 kB");
}

TEST(Text, Trims) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, KnowsAccountsByTheirDigits) {
  EXPECT_TRUE(is_account_id("000000000000"));
  for (const auto* const other : {"", "11112222333", "1111222233334", "11112222333x", "１１１１"})
    EXPECT_FALSE(is_account_id(other)) << other;
  EXPECT_TRUE(all_digits(""));
  EXPECT_TRUE(all_digits("2025", 4));
  EXPECT_FALSE(all_digits("2025", 2));
}

TEST(Text, RegionNames) {
  EXPECT_TRUE(is_region_name("us-gov-west-1"));
  EXPECT_TRUE(is_region_name(std::string(63, 'a')));
  for (const auto& other : {std::string(), std::string("evil.example/"), std::string("US-EAST-1"),
                            std::string("-a"), std::string("a-"), std::string(64, 'a')})
    EXPECT_FALSE(is_region_name(other)) << other;
}

}  // namespace
}  // namespace cairn
