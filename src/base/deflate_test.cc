#include "base/deflate.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Deflate, GivesTheTextBack) {
  for (const auto& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    const auto small = deflate(text).value();
    EXPECT_EQ(inflate_raw(small, 100'000).value(), text);
  }
}

TEST(Deflate, RefusesDamageAndExcess) {
  const auto small = deflate(std::string(100'000, 'x')).value();
  EXPECT_EQ(inflate_raw(small, 99'999).error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(inflate_raw(small.substr(0, small.size() / 2), 1'000'000).error().kind(),
            ErrorKind::corrupt);
  EXPECT_TRUE(inflate_raw(small + "four", 1'000'000).ok());
  EXPECT_EQ(inflate_raw(small + "x five", 1'000'000).error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(inflate_raw("\xFF\xFF\xFF", 1000).error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace cairn
