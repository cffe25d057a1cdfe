// Activity over time as bars of Unicode blocks.
#pragma once

#include "investigate/summary.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cairn::investigate {

/// Events of a stretch of time; stretches follow each other without holes.
struct Bar {
  int64_t start_us = 0;
  uint64_t events = 0;
  uint64_t errors = 0;
};

struct Bars {
  int64_t step_us = 0;  ///< a round length: 1 m, 5 m, 1 h, 1 d, …
  std::vector<Bar> bars;
};

/// Sums minutes (in order) into at most `bars_max` bars, beginning at round times in UTC.
Bars make_bars(std::span<const Minute> minutes, size_t bars_max);

struct PlotOptions {
  size_t columns = 80;  ///< at least 20
  size_t rows = 6;      ///< of the bars, without the axis
};

/// One string per line, without line ends: the bars with the scale at their left, an axis, and
/// times below it. A stretch with any event shows at least the lowest block. Empty for no minutes.
std::vector<std::string> plot(std::span<const Minute> minutes, const PlotOptions& options);

/// `5 minutes`, `1 day`.
std::string step_text(int64_t step_us);

}  // namespace cairn::investigate
