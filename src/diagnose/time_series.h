// Calls over time, in buckets that fit a page, and their plot in text.
#pragma once

#include "diagnose/error_class.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::diagnose {

struct Bucket {
  uint64_t calls = 0;  ///< all of them: successes, dry runs, failures
  uint64_t dry_runs = 0;
  uint64_t failures = 0;  ///< throttles included
  uint64_t throttles = 0;
};

class TimeSeries {
 public:
  static constexpr size_t kBucketsMax = 60;

  TimeSeries() = default;

  /// Buckets from `start_us` to `end_us` (both inclusive), of the smallest round width (1 second to
  /// many days) that needs at most kBucketsMax.
  TimeSeries(int64_t start_us, int64_t end_us);

  void add(int64_t time_us, ErrorClass error_class, uint64_t calls);

  int64_t start_us() const { return start_us_; }

  int64_t width_us() const { return width_us_; }

  const std::vector<Bucket>& buckets() const { return buckets_; }

  /// One line per bucket: its time, counts, and a bar of `columns_max` characters for the busiest:
  /// `#` throttles, `!` other failures, `-` dry runs, `.` calls that succeeded. Quiet stretches of
  /// four buckets and more become one line. With `failures_only` the bars show failures alone.
  std::string plot(size_t columns_max, bool failures_only) const;

 private:
  int64_t start_us_ = 0;
  int64_t width_us_ = 60'000'000;
  std::vector<Bucket> buckets_;
};

/// `90s`, `15m`, `2h`, `2d`: the largest unit that divides it.
std::string short_duration(int64_t micros);

/// `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: the two largest units.
std::string long_duration(int64_t micros);

}  // namespace cairn::diagnose
