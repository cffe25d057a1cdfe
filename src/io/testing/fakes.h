// A clock, a waiter and random numbers that tests set.
#pragma once

#include "io/clock.h"
#include "io/random.h"
#include "io/waiter.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>

namespace cairn::io::testing {

/// Time that passes only by waiting. wait_us() moves it at once. A thread in wait_until() sleeps
/// until its condition holds or another thread moves the time. Thread-safe.
///
/// A test drives a thread that works every so often like this: each wake_next() lets the thread do
/// one round, and wait_for_sleeper() returns once the round is done.
class FakeTime final : public Clock, public Waiter {
 public:
  explicit FakeTime(int64_t now_us = 1'741'942'800'000'000) : now_us_(now_us) {}  // 2025-03-14T09Z

  int64_t now_us() const override { return now_us_; }

  int64_t steady_us() override { return now_us_; }

  void wait_us(int64_t micros) override {
    if (micros <= 0) return;
    {
      const std::lock_guard own(mutex_);
      move_to(now_us_ + micros);
    }
    if (on_wait) on_wait();
  }

  bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  int64_t until_us, const std::function<bool()>& done) override {
    if (done()) return true;
    // move_to() takes the sleeper's lock while it holds its own, so this never holds both.
    const Sleeper sleeper{changed, *lock.mutex(), until_us};
    lock.unlock();
    const auto at = add(sleeper);
    lock.lock();
    while (!done() && now_us_ < until_us) changed.wait(lock);
    lock.unlock();
    remove(at);
    lock.lock();
    return done();
  }

  void set(int64_t now_us) {
    const std::lock_guard own(mutex_);
    move_to(now_us);
  }

  /// Waits until a thread is in wait_until() and its time has not come.
  void wait_for_sleeper() {
    std::unique_lock own(mutex_);
    slept_.wait(own, [this] { return next_us() != INT64_MAX; });
  }

  /// Waits for a sleeper as wait_for_sleeper() does, then moves the time to where the first one
  /// wakes.
  void wake_next() {
    std::unique_lock own(mutex_);
    slept_.wait(own, [this] { return next_us() != INT64_MAX; });
    move_to(next_us());
  }

  /// Makes wait_until() move the time itself from now on, as wait_us() does.
  void stop_sleeping() {
    const std::lock_guard own(mutex_);
    sleeps_ = false;
    for (auto next = next_us(); next != INT64_MAX; next = next_us()) move_to(next);
  }

  /// Called by wait_us() after the time has moved; may be empty. Set it before threads wait.
  std::function<void()> on_wait{};

 private:
  struct Sleeper {
    std::condition_variable& changed;
    std::mutex& mutex;
    int64_t until_us = 0;
  };

  using Sleepers = std::list<const Sleeper*>;

  Sleepers::iterator add(const Sleeper& sleeper) {
    const std::lock_guard own(mutex_);
    if (!sleeps_ && now_us_ < sleeper.until_us) move_to(sleeper.until_us);
    const auto at = sleepers_.insert(sleepers_.end(), &sleeper);
    slept_.notify_all();
    return at;
  }

  void remove(Sleepers::iterator at) {
    const std::lock_guard own(mutex_);
    sleepers_.erase(at);
  }

  /// When the first sleeper wakes; INT64_MAX if none sleeps.
  int64_t next_us() const {
    int64_t next = INT64_MAX;
    for (const auto* sleeper : sleepers_)
      if (sleeper->until_us > now_us_) next = std::min(next, sleeper->until_us);
    return next;
  }

  void move_to(int64_t now_us) {
    now_us_ = now_us;
    for (const auto* sleeper : sleepers_) {
      // A sleeper that has read the old time holds this lock until it waits for `changed`.
      { const std::lock_guard lock(sleeper->mutex); }
      sleeper->changed.notify_all();
    }
  }

  std::atomic<int64_t> now_us_;
  std::mutex mutex_;
  std::condition_variable slept_;
  Sleepers sleepers_;
  bool sleeps_ = true;
};

/// 0, 1, 2, … times a large odd number: any bits, the same in each run.
class FakeRandom final : public Random {
 public:
  uint64_t next() override { return ++count_ * 0x9E3779B97F4A7C15ULL; }

 private:
  std::atomic<uint64_t> count_{0};
};

}  // namespace cairn::io::testing
