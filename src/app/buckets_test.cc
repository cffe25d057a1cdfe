#include "app/buckets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

class BucketsTest : public ::testing::Test {
 protected:
  BucketsTest()
      : folder_(fs::temp_directory_path() / ("cairn_buckets_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "elsewhere");
    buckets_ = Buckets::open((folder_ / "buckets").string(),
                             {{"far", "s3://far-bucket/p"},
                              {"placed", (folder_ / "elsewhere").string()},
                              {"missing", (folder_ / "none").string()}},
                             [this](const std::string& url) {
                               opened_ = url;
                               return io::open_folder_store((folder_ / "s3").string(), true);
                             })
                   .value();
  }

  ~BucketsTest() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string opened_;
  std::unique_ptr<Buckets> buckets_;
};

TEST_F(BucketsTest, MakesAndFindsThem) {
  EXPECT_TRUE(buckets_->create("trail-logs").ok());
  EXPECT_EQ(buckets_->create("trail-logs").error().aws_code(), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(buckets_->names(), (std::vector<std::string>{"placed", "trail-logs"}));
  const auto store = buckets_->store("trail-logs").value();
  EXPECT_TRUE(store->put("a", "b").ok());
  EXPECT_EQ(buckets_->folder("trail-logs"), (folder_ / "buckets/trail-logs").string());
  fs::remove_all(folder_ / "buckets/trail-logs");
  EXPECT_EQ(buckets_->store("trail-logs").error().aws_code(), "NoSuchBucket");
  EXPECT_EQ(buckets_->store("missing").error().aws_code(), "NoSuchBucket");
  EXPECT_EQ(buckets_->store("../elsewhere").error().aws_code(), "NoSuchBucket");
}

TEST_F(BucketsTest, OpensThoseOfS3) {
  EXPECT_TRUE(buckets_->store("far").ok());
  EXPECT_EQ(opened_, "s3://far-bucket/p");
  EXPECT_FALSE(buckets_->folder("far"));
  EXPECT_EQ(buckets_->create("far").error().aws_code(), "BucketAlreadyOwnedByYou");
}

TEST(BucketNames, FollowS3sRules) {
  for (const auto* const good : {"abc", "a-b.c", "123", "cairn-000000000000", "1.2.3.x"})
    EXPECT_TRUE(is_bucket_name(good)) << good;
  for (const auto* const bad :
       {"ab", "Abc", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "a/b", "", "metrics"})
    EXPECT_FALSE(is_bucket_name(bad)) << bad;
}

}  // namespace
}  // namespace cairn::app
