#include "io/rate_limit.h"

#include <algorithm>

namespace cairn::io {
namespace {

constexpr int64_t kBurstUs = 100'000;

}  // namespace

RateLimit::RateLimit(uint64_t bytes_per_second, Waiter& waiter)
    : bytes_per_second_(bytes_per_second), waiter_(waiter) {}

void RateLimit::take(uint64_t bytes) {
  if (bytes_per_second_ == 0) return;
  const auto cost_us = static_cast<int64_t>(static_cast<double>(bytes) * 1e6 /
                                            static_cast<double>(bytes_per_second_));
  int64_t wait_us = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = waiter_.steady_us();
    filled_us_ = std::max(filled_us_, now - kBurstUs) + cost_us;
    wait_us = filled_us_ - now;
  }
  waiter_.wait_us(wait_us);
}

}  // namespace cairn::io
