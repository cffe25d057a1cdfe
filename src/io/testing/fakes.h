// A clock, a waiter and random numbers that tests set.
#pragma once

#include "io/clock.h"
#include "io/random.h"
#include "io/waiter.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace cairn::io::testing {

/// Time that passes only by waiting.
class FakeTime final : public Clock, public Waiter {
 public:
  explicit FakeTime(int64_t now_us = 1'741'942'800'000'000) : now_us_(now_us) {}  // 2025-03-14T09Z

  int64_t now_us() const override { return now_us_; }

  int64_t steady_us() override { return now_us_; }

  void wait_us(int64_t micros) override {
    if (micros > 0) now_us_ += micros;
  }

  void set(int64_t now_us) { now_us_ = now_us; }

 private:
  std::atomic<int64_t> now_us_;
};

/// 0, 1, 2, … times a large odd number: any bits, the same in each run.
class FakeRandom final : public Random {
 public:
  uint64_t next() override { return ++count_ * 0x9E3779B97F4A7C15ULL; }

 private:
  std::atomic<uint64_t> count_{0};
};

}  // namespace cairn::io::testing
