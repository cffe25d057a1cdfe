#include "diagnose/retries.h"

#include <algorithm>

namespace cairn::diagnose {
namespace {

constexpr int64_t kShortestPauseUs = 500'000;

int64_t median(std::vector<int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Calls `visit` with each maximal stretch of `times` that has no pause above `pause_max`.
template <class Visit>
void for_each_stretch(std::span<const int64_t> times, int64_t pause_max, Visit&& visit) {
  size_t begin = 0;
  for (size_t i = 1; i <= times.size(); ++i) {
    if (i < times.size() && times[i] - times[i - 1] <= pause_max) continue;
    visit(times.subspan(begin, i - begin));
    begin = i;
  }
}

uint64_t peak_within(std::span<const int64_t> times, int64_t window_us) {
  uint64_t peak = 0;
  size_t begin = 0;
  for (size_t end = 0; end < times.size(); ++end) {
    while (times[end] - times[begin] >= window_us) ++begin;
    peak = std::max<uint64_t>(peak, end - begin + 1);
  }
  return peak;
}

}  // namespace

std::vector<Burst> find_storms(std::span<const int64_t> times_us, const StormLimits& limits) {
  std::vector<Burst> storms;
  for_each_stretch(times_us, limits.pause_max_us, [&](std::span<const int64_t> times) {
    if (times.empty() || times.size() < limits.failures_min) return;
    storms.push_back({.first_us = times.front(),
                      .last_us = times.back(),
                      .failures = times.size(),
                      .peak = peak_within(times, limits.rate_window_us)});
  });
  return storms;
}

Backoff judge_backoff(std::span<const int64_t> times_us, const BackoffLimits& limits) {
  Backoff result;
  uint64_t failures_growing = 0;
  std::vector<int64_t> all_pauses;
  for_each_stretch(times_us, limits.episode_pause_us, [&](std::span<const int64_t> times) {
    if (times.empty() || times.size() < limits.failures_min) return;
    std::vector<int64_t> pauses;
    for (size_t i = 1; i < times.size(); ++i)
      pauses.push_back(std::max(times[i] - times[i - 1], kShortestPauseUs));
    all_pauses.insert(all_pauses.end(), pauses.begin(), pauses.end());
    const auto half = static_cast<std::ptrdiff_t>(pauses.size() / 2);
    const auto before = static_cast<double>(median({pauses.begin(), pauses.begin() + half}));
    const auto after = static_cast<double>(median({pauses.end() - half, pauses.end()}));
    ++result.episodes;
    result.failures += times.size();
    if (after < limits.growth_min * before) return;
    ++result.episodes_growing;
    failures_growing += times.size();
  });
  if (result.episodes == 0) return result;
  result.median_pause_us = median(std::move(all_pauses));
  result.verdict = 2 * failures_growing >= result.failures ? BackoffVerdict::backs_off
                                                           : BackoffVerdict::does_not_back_off;
  return result;
}

}  // namespace cairn::diagnose
