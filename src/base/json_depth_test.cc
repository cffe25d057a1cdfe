#include "base/json_depth.h"

#include <gtest/gtest.h>

namespace cairn::json {
namespace {

TEST(JsonDepth, CountsWhatStandsWithinOneAnother) {
  EXPECT_FALSE(nests_deeper(R"({"a":[1,{}],"b":[[]]})", 3));
  EXPECT_TRUE(nests_deeper(R"({"a":[1,{}],"b":[[]]})", 2));
  EXPECT_FALSE(nests_deeper(R"(["[[[[{{{{\"[[[["])", 1));
  EXPECT_FALSE(nests_deeper("[][][][]", 1));
  EXPECT_FALSE(nests_deeper("", 0));
}

}  // namespace
}  // namespace cairn::json
