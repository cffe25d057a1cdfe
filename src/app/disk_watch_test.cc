#include "app/disk_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

namespace cairn::app {
namespace {

TEST(DiskWatch, LooksAtFoldersOfThisMachineOnly) {
  const auto here = std::filesystem::temp_directory_path().string();
  const DiskWatch watch({here, "s3://bucket/prefix", ""});
  const auto free = watch.free_bytes();
  ASSERT_TRUE(free.ok()) << free.error().message();
  EXPECT_LT(free.value(), std::numeric_limits<uint64_t>::max());
  EXPECT_GT(watch.default_minimum(), 0U);
  EXPECT_LE(watch.default_minimum(), 512ULL << 20);
}

TEST(DiskWatch, APlaceThatIsNotMadeYetLimitsNothing) {
  const DiskWatch watch({"/none/of/these/folders"});
  const auto free = watch.free_bytes();
  ASSERT_TRUE(free.ok()) << free.error().message();
  EXPECT_EQ(free.value(), std::numeric_limits<uint64_t>::max());
}

}  // namespace
}  // namespace cairn::app
