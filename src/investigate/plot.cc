#include "investigate/plot.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::investigate {
namespace {

constexpr std::array kStepsMinutes{1,        2,        5,         10,        15,        30,
                                   60,       2 * 60,   3 * 60,    6 * 60,    12 * 60,   24 * 60,
                                   2 * 1440, 7 * 1440, 14 * 1440, 28 * 1440, 91 * 1440, 364 * 1440};

constexpr std::array<std::string_view, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr int kBlockParts = 8;

/// Weeks and their multiples begin on a Monday.
constexpr int64_t kMondayUs = 4 * kMicrosPerDay;  // 1970-01-05

int64_t floor_to(int64_t micros, int64_t step_us) {
  const int64_t origin = step_us % (7 * kMicrosPerDay) == 0 ? kMondayUs : 0;
  const int64_t rest = (micros - origin) % step_us;
  return micros - (rest < 0 ? rest + step_us : rest);
}

int64_t choose_step(int64_t first_us, int64_t last_us, size_t bars_max) {
  const auto fits = [&](int64_t step) {
    const int64_t bars = (floor_to(last_us, step) - floor_to(first_us, step)) / step + 1;
    return bars <= static_cast<int64_t>(bars_max);
  };
  for (const int64_t minutes : kStepsMinutes)
    if (fits(minutes * kMicrosPerMinute)) return minutes * kMicrosPerMinute;
  const int64_t year = kStepsMinutes.back() * kMicrosPerMinute;
  int64_t step = year;
  while (!fits(step)) step += year;
  return step;
}

/// `999`, `12k`, `3.4M`: four characters at most.
std::string short_number(uint64_t number) {
  constexpr std::array<std::string_view, 7> kUnits{"", "k", "M", "G", "T", "P", "E"};
  size_t unit = 0;
  uint64_t tenths = 0;
  while (number >= 1'000) {
    tenths = number % 1'000 / 100;
    number /= 1'000;
    ++unit;
  }
  if (unit > 0 && number < 10 && tenths > 0)
    return fmt::format("{}.{}{}", number, tenths, kUnits[unit]);
  return fmt::format("{}{}", number, kUnits[unit]);
}

/// As short as the step allows: the date, or the time of day.
std::string tick_text(int64_t micros, int64_t step_us, bool with_date) {
  const CivilTime t = to_civil(micros);
  if (step_us >= kMicrosPerDay) return fmt::format("{:04}-{:02}-{:02}", t.year, t.month, t.day);
  if (!with_date) return fmt::format("{:02}:{:02}", t.hour, t.minute);
  return fmt::format("{:02}-{:02} {:02}:{:02}", t.month, t.day, t.hour, t.minute);
}

/// Times below the axis, as many as have room.
std::string tick_line(const Bars& bars, size_t margin) {
  const bool with_date =
      to_civil(bars.bars.front().start_us).day != to_civil(bars.bars.back().start_us).day ||
      bars.bars.back().start_us - bars.bars.front().start_us >= kMicrosPerDay;
  const size_t label = tick_text(0, bars.step_us, with_date).size();
  const size_t every = (label + 3 + 4) / 5 * 5;
  std::string line(margin, ' ');
  for (size_t i = 0; i < bars.bars.size(); i += every) {
    if (i > 0 && i + label > bars.bars.size()) break;
    line.resize(margin + i, ' ');
    line += tick_text(bars.bars[i].start_us, bars.step_us, with_date);
  }
  return line;
}

}  // namespace

Bars make_bars(std::span<const Minute> minutes, size_t bars_max) {
  Bars result;
  if (minutes.empty()) return result;
  result.step_us = choose_step(minutes.front().start_us, minutes.back().start_us, bars_max);
  const int64_t first = floor_to(minutes.front().start_us, result.step_us);
  const int64_t last = floor_to(minutes.back().start_us, result.step_us);
  for (int64_t start = first; start <= last; start += result.step_us)
    result.bars.push_back({.start_us = start});
  for (const Minute& minute : minutes) {
    Bar& bar = result.bars[static_cast<size_t>((minute.start_us - first) / result.step_us)];
    bar.events += minute.events;
    bar.errors += minute.errors;
  }
  return result;
}

std::vector<std::string> plot(std::span<const Minute> minutes, const PlotOptions& options) {
  constexpr size_t kMargin = 6;  // the scale and a blank
  std::vector<std::string> lines;
  const size_t columns = std::max<size_t>(options.columns, 20) - kMargin;
  const Bars bars = make_bars(minutes, columns);
  if (bars.bars.empty()) return lines;
  uint64_t most = 1;
  for (const Bar& bar : bars.bars) most = std::max(most, bar.events);
  const auto rows = static_cast<uint64_t>(options.rows);
  for (uint64_t row = 0; row < rows; ++row) {
    std::string line = row == 0          ? fmt::format("{:>4} ┤", short_number(most))
                       : row == rows / 2 ? fmt::format("{:>4} ┤", short_number(most / 2))
                                         : "     │";
    for (const Bar& bar : bars.bars) {
      // Long double: counts times parts may exceed 64 bits in theory, and one part more or less is
      // fine.
      const auto exact = static_cast<long double>(bar.events) * kBlockParts * rows / most;
      const auto parts = std::max<uint64_t>(bar.events > 0 ? 1 : 0, static_cast<uint64_t>(exact));
      const uint64_t below = (rows - 1 - row) * kBlockParts;
      const uint64_t here = parts > below ? std::min<uint64_t>(parts - below, kBlockParts) : 0;
      line += kBlocks[here];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  std::string axis = "   0 └";
  for (size_t i = 0; i < bars.bars.size(); ++i) axis += "─";
  lines.push_back(std::move(axis));
  lines.push_back(tick_line(bars, kMargin));
  return lines;
}

std::string step_text(int64_t step_us) {
  const auto text = [](int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  if (step_us % kMicrosPerDay == 0) return text(step_us / kMicrosPerDay, "day");
  if (step_us % kMicrosPerHour == 0) return text(step_us / kMicrosPerHour, "hour");
  return text(step_us / kMicrosPerMinute, "minute");
}

}  // namespace cairn::investigate
