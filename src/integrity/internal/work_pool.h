// Threads for the reading and hashing of files.
#pragma once

#include "base/buffer.h"
#include "base/inflate.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::integrity::internal {

/// What a thread keeps from one file to the next.
struct Scratch {
  Gunzip gunzip{};
  Buffer text{};
};

class WorkPool {
 public:
  explicit WorkPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// What was not begun is not done.
  ~WorkPool() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  size_t threads() const { return threads_.size(); }

  /// `task(scratch)` on one of the threads, first come, first served.
  template <class Task>
  auto submit(Task task) -> std::future<decltype(task(std::declval<Scratch&>()))> {
    using Value = decltype(task(std::declval<Scratch&>()));
    auto packaged = std::make_shared<std::packaged_task<Value(Scratch&)>>(std::move(task));
    auto future = packaged->get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back([packaged](Scratch& scratch) { (*packaged)(scratch); });
    }
    wake_.notify_one();
    return future;
  }

 private:
  void work() {
    Scratch scratch;
    while (true) {
      std::function<void(Scratch&)> task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
        if (stopped_) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task(scratch);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void(Scratch&)>> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cairn::integrity::internal
