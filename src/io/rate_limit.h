// A bandwidth shared by all transfers.
#pragma once

#include "io/waiter.h"

#include <cstdint>
#include <mutex>

namespace cairn::io {

/// A token bucket that holds up to a tenth of a second's bytes. Thread-safe.
class RateLimit {
 public:
  /// `bytes_per_second` 0: no limit. `waiter` must outlive this.
  RateLimit(uint64_t bytes_per_second, Waiter& waiter);

  /// Waits until `bytes` more may pass. Takes more than the bucket holds too: who comes next waits
  /// the longer.
  void take(uint64_t bytes);

 private:
  const uint64_t bytes_per_second_;
  Waiter& waiter_;
  std::mutex mutex_;
  int64_t filled_us_ = 0;  ///< when the bytes that were taken are paid for
};

}  // namespace cairn::io
