#include "app/buckets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

class BucketsTest : public ::testing::Test {
 protected:
  BucketsTest()
      : folder_(fs::temp_directory_path() / ("cairn_buckets_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "elsewhere");
    state_ = store::StateDatabase::open((folder_ / "state.db").string(), true).value();
    buckets_ = Buckets::open((folder_ / "buckets").string(),
                             {{"far", "s3://far-bucket/p"},
                              {"placed", (folder_ / "elsewhere").string()},
                              {"missing", (folder_ / "none").string()}},
                             [this](const std::string& url) {
                               opened_ = url;
                               return io::open_folder_store((folder_ / "s3").string(), true);
                             },
                             *state_)
                   .value();
  }

  ~BucketsTest() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string opened_;
  std::unique_ptr<store::StateDatabase> state_;
  std::unique_ptr<Buckets> buckets_;
};

TEST_F(BucketsTest, MakesAndFindsThem) {
  EXPECT_TRUE(buckets_->create("trail-logs", "").ok());
  EXPECT_EQ(buckets_->create("trail-logs", "").error().aws_code(), "BucketAlreadyExists");
  EXPECT_EQ(buckets_->create("metrics", "").error().aws_code(), "InvalidBucketName");
  EXPECT_EQ(buckets_->create("xn--b", "").error().aws_code(), "InvalidBucketName");
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
  EXPECT_EQ(buckets_->create("far", "").error().aws_code(), "BucketAlreadyExists");
}

TEST_F(BucketsTest, KnowsWhoseTheyAre) {
  ASSERT_TRUE(buckets_->create("ours", "").ok());
  ASSERT_TRUE(buckets_->create("theirs", "111122223333").ok());
  EXPECT_EQ(buckets_->owner("ours"), "");
  EXPECT_EQ(buckets_->owner("theirs"), "111122223333");
  EXPECT_EQ(buckets_->owner("none"), "");
  EXPECT_FALSE(buckets_->create("theirs", "444455556666").ok());
  EXPECT_EQ(buckets_->owner("theirs"), "111122223333");
  fs::remove(folder_ / "buckets/theirs");
  ASSERT_TRUE(buckets_->create("theirs", "").ok());
  EXPECT_EQ(buckets_->owner("theirs"), "");
}

TEST_F(BucketsTest, RefusesSymbolicLinks) {
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "buckets/linked");
  fs::create_symlink(folder_ / "none", folder_ / "buckets/dangling");
  for (const auto* const name : {"linked", "dangling"}) {
    EXPECT_EQ(buckets_->store(name).error().aws_code(), "NoSuchBucket") << name;
    EXPECT_FALSE(buckets_->folder(name)) << name;
    EXPECT_EQ(buckets_->create(name, "").error().aws_code(), "BucketAlreadyExists") << name;
  }
  EXPECT_EQ(buckets_->names(), std::vector<std::string>{"placed"});
  // One that is open already, and becomes a link.
  ASSERT_TRUE(buckets_->create("real", "").ok());
  ASSERT_TRUE(buckets_->store("real").ok());
  fs::remove(folder_ / "buckets/real");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "buckets/real");
  EXPECT_FALSE(buckets_->store("real").ok());
  // Folders and files within a bucket.
  ASSERT_TRUE(buckets_->create("inside", "").ok());
  std::ofstream(folder_ / "elsewhere/secret") << "x";
  fs::create_symlink(folder_ / "elsewhere/secret", folder_ / "buckets/inside/file");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "buckets/inside/folder");
  const auto store = buckets_->store("inside").value();
  for (const auto* const key : {"file", "folder/secret"}) {
    EXPECT_FALSE(store->get(key, 100).ok()) << key;
    EXPECT_FALSE(store->head(key).ok()) << key;
  }
  EXPECT_FALSE(store->put("folder/new", "x").ok());
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere/new"));
  std::vector<std::string> keys;
  ASSERT_TRUE(store
                  ->list("", "",
                         [&](const io::ObjectInfo& info) {
                           keys.push_back(info.key);
                           return true;
                         })
                  .ok());
  EXPECT_TRUE(keys.empty());
}

TEST(BucketNames, LeaveTheServicesPaths) {
  EXPECT_TRUE(is_bucket_name("cairn-logs"));
  for (const auto* const bad : {"metrics", "healthz", "readyz", "firehose", "eventbridge", "ab"})
    EXPECT_FALSE(is_bucket_name(bad)) << bad;
}

}  // namespace
}  // namespace cairn::app
