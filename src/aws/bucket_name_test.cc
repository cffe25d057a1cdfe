#include "aws/bucket_name.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::aws {
namespace {

TEST(BucketName, FollowsS3sRules) {
  for (const auto* const good : {"abc", "a-b.c", "123", "cairn-000000000000", "1.2.3.x", "1.2.3",
                                 "a-s3alias-b", "xn-a", "x--s3", "mrap.a", "a-.b"})
    EXPECT_TRUE(is_new_bucket_name(good)) << good;
  EXPECT_TRUE(is_new_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_new_bucket_name(std::string(64, 'a')));
  for (const auto* const bad : {"ab",
                                "Abc",
                                "a_b",
                                "-ab",
                                "ab-",
                                "a..b",
                                "192.168.0.1",
                                "a/b",
                                "",
                                ".ab",
                                "ab.",
                                "a b",
                                "xn--bucket",
                                "sthree-bucket",
                                "sthree-configurator",
                                "amzn-s3-demo-bucket",
                                "bucket-s3alias",
                                "bucket--ol-s3",
                                "bucket.mrap",
                                "bucket--x-s3",
                                "bucket--table-s3",
                                "b\xC3\xBC"
                                "cket",
                                "..",
                                "a\nb"})
    EXPECT_FALSE(is_new_bucket_name(bad)) << bad;
}

}  // namespace
}  // namespace cairn::aws
