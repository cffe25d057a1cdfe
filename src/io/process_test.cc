#include "io/process.h"

#include "io/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <ctime>

namespace cairn::io {
namespace {

TEST(ProcessNumbers, AreThoseOfThisProcess) {
  const auto before = read_process_numbers();
  ASSERT_TRUE(before.ok()) << before.error().message();
  const auto& numbers = before.value();
  EXPECT_GT(numbers.resident_bytes, 1U << 20);
  EXPECT_GT(numbers.virtual_bytes, numbers.resident_bytes);
  EXPECT_GE(numbers.threads, 1U);
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(numbers.start_seconds, now + 2);  // the machine's own start is in whole seconds
  EXPECT_GT(numbers.start_seconds, now - 86'400);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  EXPECT_LE(numbers.cpu_seconds, seconds + 0.02);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur != RLIM_INFINITY) {
    EXPECT_EQ(numbers.max_descriptors, limit.rlim_cur);
  }
}

TEST(ProcessNumbers, CountOpenFiles) {
  const auto before = read_process_numbers().value().open_descriptors;
  const auto first = File::open("/proc/self/stat");
  const auto second = File::open("/proc/self/stat");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(read_process_numbers().value().open_descriptors, before + 2);
}

}  // namespace
}  // namespace cairn::io
