#include "investigate/gaps.h"

#include "base/time.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace cairn::investigate {
namespace {

/// The pause that nine in ten of `sorted` do not exceed.
int64_t usual_pause(const std::vector<int64_t>& sorted) {
  return sorted[(sorted.size() - 1) * 9 / 10];
}

/// Whether pauses of about this length come again and again: nights, weekends.
bool is_rhythm(const std::vector<int64_t>& sorted, int64_t pause, int64_t span_us,
               const GapRules& rules) {
  const auto alike = sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), pause / 2);
  return alike >= 3 && alike * rules.days_per_pause * kMicrosPerDay >= span_us;
}

class Judge {
 public:
  Judge(const Pulse& pulse, int64_t end_us, const GapRules& rules)
      : pulse_(pulse), end_us_(end_us), rules_(rules) {
    const auto& times = pulse.times_us;
    for (size_t i = 1; i < times.size(); ++i) sorted_.push_back(times[i] - times[i - 1]);
    std::sort(sorted_.begin(), sorted_.end());
  }

  bool knows_enough() const { return sorted_.size() >= rules_.pauses_min; }

  void find(std::vector<Gap>& gaps) const {
    const auto& times = pulse_.times_us;
    for (size_t i = 1; i < times.size(); ++i) consider(times[i - 1], times[i], false, gaps);
    consider(times.back(), end_us_, true, gaps);
  }

 private:
  void consider(int64_t from, int64_t until, bool open, std::vector<Gap>& gaps) const {
    const int64_t pause = until - from;
    const int64_t usual = usual_pause(sorted_);
    if (pause < rules_.length_min_us || pause / rules_.times_usual < usual) return;
    if (is_rhythm(sorted_, pause, end_us_ - pulse_.times_us.front(), rules_)) return;
    gaps.push_back({pulse_.account, pulse_.region, from, until, usual, open});
  }

  const Pulse& pulse_;
  int64_t end_us_;
  const GapRules& rules_;
  std::vector<int64_t> sorted_;  ///< pauses
};

}  // namespace

GapReport find_gaps(std::vector<Pulse> pulses, GapBasis basis, const GapRules& rules) {
  GapReport report{.basis = basis, .gaps = {}};
  int64_t end_us = INT64_MIN;
  for (Pulse& pulse : pulses) {
    auto& times = pulse.times_us;
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    if (!times.empty()) end_us = std::max(end_us, times.back());
  }
  for (const Pulse& pulse : pulses) {
    if (pulse.times_us.empty()) continue;
    const Judge judge(pulse, end_us, rules);
    ++(judge.knows_enough() ? report.judged : report.not_judged);
    if (judge.knows_enough()) judge.find(report.gaps);
  }
  std::sort(report.gaps.begin(), report.gaps.end(), [](const Gap& a, const Gap& b) {
    const int64_t length_a = a.until_us - a.from_us;
    const int64_t length_b = b.until_us - b.from_us;
    if (length_a != length_b) return length_a > length_b;
    return std::tie(a.from_us, a.account, a.region) < std::tie(b.from_us, b.account, b.region);
  });
  return report;
}

}  // namespace cairn::investigate
