// What the times of one client's failures of one call tell: whether it storms, whether it backs
// off. docs/manual/diagnose.md explains the thresholds to the reader of a diagnosis.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cairn::diagnose {

/// A burst: failures without a pause longer than `pause_max_us` between one and the next.
struct StormLimits {
  uint64_t failures_min = 10;
  int64_t pause_max_us = 60'000'000;
  int64_t rate_window_us = 60'000'000;  ///< the peak is counted over this long
};

struct Burst {
  int64_t first_us = 0;
  int64_t last_us = 0;
  uint64_t failures = 0;
  uint64_t peak = 0;  ///< most failures within rate_window_us
};

/// `times_us` ascending. Bursts in time order; those with fewer failures than the limit are left
/// out.
std::vector<Burst> find_storms(std::span<const int64_t> times_us, const StormLimits& limits = {});

enum class BackoffVerdict : uint8_t {
  too_few,    ///< no episode has enough failures to judge
  backs_off,  ///< the pauses grow while it fails
  does_not_back_off,
};

struct BackoffLimits {
  int64_t episode_pause_us = 600'000'000;  ///< a longer pause begins another episode
  uint64_t failures_min = 4;               ///< per episode: three pauses
  double growth_min = 1.5;                 ///< of the median pause, second half over first half
};

struct Backoff {
  BackoffVerdict verdict = BackoffVerdict::too_few;
  uint64_t episodes = 0;          ///< that were long enough to be judged
  uint64_t episodes_growing = 0;  ///< in how many of them the pauses grew
  uint64_t failures = 0;          ///< within the judged episodes
  int64_t median_pause_us = 0;    ///< over the judged episodes
};

/// `times_us` ascending: failures of one call by one client. Record times have whole seconds, so
/// pauses below half a second count as half a second. Episodes weigh by their failures: the client
/// backs off when episodes with at least half of the failures have growing pauses.
Backoff judge_backoff(std::span<const int64_t> times_us, const BackoffLimits& limits = {});

}  // namespace cairn::diagnose
