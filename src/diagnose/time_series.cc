#include "diagnose/time_series.h"

#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cairn::diagnose {
namespace {

constexpr std::array<int64_t, 19> kWidths{
    kMicrosPerSecond,      5 * kMicrosPerSecond,  15 * kMicrosPerSecond, 30 * kMicrosPerSecond,
    kMicrosPerMinute,      2 * kMicrosPerMinute,  5 * kMicrosPerMinute,  10 * kMicrosPerMinute,
    15 * kMicrosPerMinute, 30 * kMicrosPerMinute, kMicrosPerHour,        2 * kMicrosPerHour,
    3 * kMicrosPerHour,    6 * kMicrosPerHour,    12 * kMicrosPerHour,   kMicrosPerDay,
    2 * kMicrosPerDay,     7 * kMicrosPerDay,     28 * kMicrosPerDay};

int64_t floor_to(int64_t value, int64_t step) {
  const int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

size_t buckets_for(int64_t start, int64_t end, int64_t width) {
  return static_cast<size_t>((end - floor_to(start, width)) / width) + 1;
}

/// `count` of `total` as characters of a bar, at least one if there is any.
size_t share(uint64_t count, uint64_t most, size_t columns) {
  if (count == 0) return 0;
  const auto exact = static_cast<double>(count) * static_cast<double>(columns) /
                     static_cast<double>(std::max<uint64_t>(most, 1));
  return std::max<size_t>(1, static_cast<size_t>(std::lround(exact)));
}

}  // namespace

TimeSeries::TimeSeries(int64_t start_us, int64_t end_us) {
  end_us = std::max(start_us, end_us);
  width_us_ = kWidths.back();
  for (const int64_t width : kWidths)
    if (buckets_for(start_us, end_us, width) <= kBucketsMax) {
      width_us_ = width;
      break;
    }
  while (buckets_for(start_us, end_us, width_us_) > kBucketsMax) width_us_ *= 2;
  start_us_ = floor_to(start_us, width_us_);
  buckets_.resize(buckets_for(start_us, end_us, width_us_));
}

void TimeSeries::add(int64_t time_us, ErrorClass error_class, uint64_t calls) {
  if (buckets_.empty()) return;
  const int64_t at = std::max<int64_t>(0, (time_us - start_us_) / width_us_);
  Bucket& bucket = buckets_[std::min(static_cast<size_t>(at), buckets_.size() - 1)];
  bucket.calls += calls;
  if (error_class == ErrorClass::dry_run) bucket.dry_runs += calls;
  if (is_failure(error_class)) bucket.failures += calls;
  if (error_class == ErrorClass::throttle) bucket.throttles += calls;
}

std::string TimeSeries::plot(size_t columns_max, bool failures_only) const {
  const auto height = [&](const Bucket& b) { return failures_only ? b.failures : b.calls; };
  uint64_t most = 0;
  for (const Bucket& bucket : buckets_) most = std::max(most, height(bucket));
  const size_t digits = std::to_string(most).size();
  const bool with_seconds = width_us_ < kMicrosPerMinute;
  std::string out;
  for (size_t i = 0; i < buckets_.size();) {
    size_t quiet = i;
    while (quiet < buckets_.size() && height(buckets_[quiet]) == 0) ++quiet;
    if (quiet - i >= 4) {
      out += fmt::format("{:>{}}  ({} quiet)\n", "...", with_seconds ? 19 : 16,
                         short_duration(static_cast<int64_t>(quiet - i) * width_us_));
      i = quiet;
      continue;
    }
    const Bucket& bucket = buckets_[i];
    const CivilTime at = to_civil(start_us_ + static_cast<int64_t>(i) * width_us_);
    out +=
        fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute);
    if (with_seconds) out += fmt::format(":{:02}", at.second);
    out += fmt::format("  {:>{}}  ", height(bucket), digits);
    std::string bar(share(bucket.throttles, most, columns_max), '#');
    bar.append(share(bucket.failures - bucket.throttles, most, columns_max), '!');
    if (!failures_only) {
      bar.append(share(bucket.dry_runs, most, columns_max), '-');
      bar.append(share(bucket.calls - bucket.failures - bucket.dry_runs, most, columns_max), '.');
    }
    out += bar;
    while (out.back() == ' ') out.pop_back();
    out += '\n';
    ++i;
  }
  return out;
}

std::string short_duration(int64_t micros) {
  constexpr std::array kUnits{std::pair{kMicrosPerDay, 'd'}, std::pair{kMicrosPerHour, 'h'},
                              std::pair{kMicrosPerMinute, 'm'}};
  for (const auto& [unit, letter] : kUnits)
    if (micros >= unit && micros % unit == 0) return fmt::format("{}{}", micros / unit, letter);
  return fmt::format("{}s", micros / kMicrosPerSecond);
}

std::string long_duration(int64_t micros) {
  constexpr std::array kUnits{std::pair{kMicrosPerDay, "d"}, std::pair{kMicrosPerHour, "h"},
                              std::pair{kMicrosPerMinute, "min"}, std::pair{kMicrosPerSecond, "s"}};
  std::string out;
  size_t shown = 0;
  for (const auto& [unit, word] : kUnits) {
    const int64_t count = micros / unit;
    micros %= unit;
    if (shown == 0 && count == 0) continue;
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : " ", count, word);
    if (++shown == 2) break;
  }
  return out.empty() ? "0 s" : out;
}

}  // namespace cairn::diagnose
