#include "server/access_log.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::server {
namespace {

TEST(AccessLine, HoldsNoSecrets) {
  AccessEntry entry;
  entry.time_us = 1'774'000'000'000'000;
  entry.remote = "192.0.2.1";
  entry.method = "GET";
  entry.target = "/b/k?X-Amz-Signature=abc&x=1&X-Amz-Security-Token=t&X-Amz-Credential=AKIA%2F";
  entry.status = 200;
  entry.bytes_out = 5;
  entry.took_us = 1500;
  entry.service = "s3";
  entry.user_agent = "a\"b";
  EXPECT_EQ(access_line(entry),
            "{\"time\":\"2026-03-20T09:46:40Z\",\"remote\":\"192.0.2.1\",\"method\":\"GET\","
            "\"target\":\"/b/k?X-Amz-Signature=-&x=1&X-Amz-Security-Token=-&X-Amz-Credential=-\","
            "\"status\":200,\"bytes_in\":0,\"bytes_out\":5,\"seconds\":0.001500,\"service\":\"s3\","
            "\"user_agent\":\"a\\\"b\"}");
}

TEST(AccessLog, WritesAllThatWaitsAtItsEnd) {
  std::vector<std::string> lines;
  {
    AccessLog log([&](const std::string& line) {
      lines.push_back(line);
      return true;
    });
    for (int i = 0; i < 100; ++i) log.write({.status = i});
  }
  EXPECT_EQ(lines.size(), 100U);
}

TEST(AccessLog, CountsWhatItCannotHold) {
  std::mutex blocked;
  blocked.lock();
  {
    AccessLog log(
        [&](const std::string&) {
          blocked.lock();
          blocked.unlock();
          return true;
        },
        2);
    for (int i = 0; i < 100; ++i) log.write({.status = i});
    EXPECT_GE(log.dropped(), 90U);
    blocked.unlock();
  }
}

TEST(AccessLog, CountsWhatItsSinkCannotKeep) {
  std::mutex mutex;
  std::condition_variable taken;
  int lines = 0;
  AccessLog log([&](const std::string&) {
    const std::lock_guard lock(mutex);
    taken.notify_all();
    return ++lines % 2 == 0;
  });
  for (int i = 0; i < 10; ++i) log.write({.status = i});
  {
    std::unique_lock lock(mutex);
    taken.wait(lock, [&] { return lines == 10; });
  }
  log.write({});  // counted after those before it
  while (log.dropped() < 5) std::this_thread::yield();
  EXPECT_LE(log.dropped(), 6U);
}

}  // namespace
}  // namespace cairn::server
