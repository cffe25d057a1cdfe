#include "trails/internal/crew.h"

#include <algorithm>
#include <utility>

namespace cairn::trails {

Crew::Crew(size_t threads_max, size_t slow_max, io::Waiter& waiter)
    : threads_max_(threads_max), slow_max_(slow_max), waiter_(waiter) {}

Crew::~Crew() {
  end();
}

void Crew::add(const std::string& name, bool slow, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || !names_.insert(name).second) return;
    waiting_.push_back({name, slow, std::move(work)});
    if (free_ < waiting_.size() && threads_.size() < threads_max_)
      threads_.emplace_back([this] { run(); });
  }
  wake_.notify_one();
}

bool Crew::wait_idle(int64_t millis) {
  std::unique_lock lock(mutex_);
  return waiter_.wait_until(idle_, lock, waiter_.steady_us() + millis * 1000,
                            [&] { return names_.empty(); });
}

void Crew::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& job : waiting_) names_.erase(job.name);
    waiting_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

std::deque<Crew::Job>::iterator Crew::next() {
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [&](const Job& job) { return !job.slow || slow_ < slow_max_; });
}

void Crew::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++free_;
    wake_.wait(lock, [&] { return ending_ || next() != waiting_.end(); });
    --free_;
    if (ending_) return;
    const auto at = next();
    auto job = std::move(*at);
    waiting_.erase(at);
    if (job.slow) ++slow_;
    lock.unlock();
    const bool more = job.work();
    lock.lock();
    if (job.slow) --slow_;
    if (more && !ending_) {
      waiting_.push_back(std::move(job));
    } else {
      names_.erase(job.name);
    }
    wake_.notify_all();
    if (names_.empty()) idle_.notify_all();
  }
}

}  // namespace cairn::trails
