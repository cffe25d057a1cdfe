#include "aws/tags.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

std::string_view code_of(const Tags& tags) {
  const auto status = check_tags(tags);
  return status.ok() ? "" : status.error().aws_code();
}

TEST(Tags, areChecked) {
  EXPECT_EQ(code_of({{"team", "audit"}, {"größe: 1/2 = +-@_.", ""}}), "");
  EXPECT_EQ(code_of({{"", "x"}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of({{std::string(129, 'k'), "x"}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of({{"k", std::string(257, 'v')}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of({{"k<", "x"}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of({{"aws:k", "x"}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of({{"k", "x"}, {"k", "y"}}), "InvalidTagParameterException");
  EXPECT_EQ(code_of(Tags(51)), "TagsLimitExceededException");
}

TEST(Tags, areAddedAndRemoved) {
  const Tags tags{{"a", "1"}, {"b", "2"}};
  const auto more = with_tags(tags, {{"b", "3"}, {"c", ""}});
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more.value(), (Tags{{"a", "1"}, {"b", "3"}, {"c", ""}}));
  EXPECT_EQ(without_tags(more.value(), {{"a", "other"}, {"b", ""}, {"c", ""}, {"d", ""}}),
            (Tags{{"a", "1"}}));
  Tags full;
  for (int i = 0; i < 50; ++i) full.push_back({"k" + std::to_string(i), ""});
  EXPECT_TRUE(with_tags(full, {{"k7", "new"}}).ok());
  EXPECT_EQ(with_tags(full, {{"k50", ""}}).error().aws_code(), "TagsLimitExceededException");
}

}  // namespace
}  // namespace cairn::aws
