#include "io/in_parallel.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::io {

Status in_parallel(size_t count, size_t threads, const std::function<Status(size_t)>& work,
                   const std::atomic<bool>* cancelled) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status first;
  const auto work_on = [&](size_t i) -> Status {
    if (cancelled != nullptr && *cancelled) return Error{ErrorKind::unavailable, "interrupted"};
    return work(i);
  };
  const auto run = [&] {
    for (size_t i = next++; i < count && !failed; i = next++) {
      auto status = work_on(i);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!failed.exchange(true)) first = std::move(status);
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < std::min(count, threads); ++i) helpers.emplace_back(run);
  run();
  for (auto& helper : helpers) helper.join();
  return first;
}

}  // namespace cairn::io
