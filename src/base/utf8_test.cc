#include "base/utf8.h"

#include "base/base64.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Utf8, repairs_maximal_parts) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(repair_utf8("plain \xC3\xA9"), "plain \xC3\xA9");
  EXPECT_EQ(repair_utf8("a\xFF"
                        "b"),
            "a" + bad + "b");
  EXPECT_EQ(repair_utf8("\xC3"), bad);
  EXPECT_EQ(repair_utf8("\xE2\x82(x)"), bad + "(x)");       // a cut sequence is one part
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), bad + bad + bad);  // a surrogate
  EXPECT_EQ(repair_utf8("\xC0\x80"), bad + bad);            // overlong
  EXPECT_TRUE(is_valid_utf8("\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\xF5\x80\x80\x80"));
}

TEST(Base64, decodes_and_refuses) {
  EXPECT_EQ(decode_base64("aGVsbG8="), "hello");
  EXPECT_EQ(decode_base64("aGVs\nbG8h"), "hello!");
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_FALSE(decode_base64("aGVsbG8").has_value());
  EXPECT_FALSE(decode_base64("a*==").has_value());
}

}  // namespace
}  // namespace cairn
