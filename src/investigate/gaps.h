// Stretches in which an account and region delivered nothing for much longer than it usually does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::investigate {

/// How a stretch is judged; docs/manual/summary.md says it in the same words.
struct GapRules {
  size_t pauses_min = 12;                     ///< fewer tell nothing about what is usual
  int64_t length_min_us = 30 * 60'000'000LL;  ///< shorter is never a gap
  int64_t times_usual = 8;                    ///< of the pause that nine in ten do not exceed
  int64_t days_per_pause = 3;  ///< a pause as long every so many days is the rhythm, not a gap
};

struct Gap {
  std::string account;
  std::string region;
  int64_t from_us = 0;   ///< the last sign of life before
  int64_t until_us = 0;  ///< the first one after; of an open gap, the end of the logs
  int64_t usual_us = 0;  ///< the pause that nine in ten do not exceed
  bool open = false;     ///< nothing came until the end of the logs
};

enum class GapBasis : uint8_t { delivery_times, event_times };

/// When an account and region showed life.
struct Pulse {
  std::string account;
  std::string region;
  std::vector<int64_t> times_us;  ///< in any order, repeated ones count once
};

struct GapReport {
  GapBasis basis = GapBasis::event_times;
  std::vector<Gap> gaps;    ///< longest first
  uint64_t judged = 0;      ///< accounts and regions with enough life to be judged
  uint64_t not_judged = 0;  ///< too few signs of life
};

GapReport find_gaps(std::vector<Pulse> pulses, GapBasis basis, const GapRules& rules);

}  // namespace cairn::investigate
