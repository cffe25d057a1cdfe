#include "base/time.h"

#include <fmt/format.h>

#include <array>

namespace cairn {
namespace {

// Days since 1970 of a civil date; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<size_t>(month - 1)];
}

/// Reads digits from the front of a text; every read that fails leaves `ok` false for good.
struct DigitReader {
  std::string_view rest;
  bool ok = true;

  bool at(char c) const { return !rest.empty() && rest.front() == c; }

  bool take(char c) {
    if (!at(c)) return false;
    rest.remove_prefix(1);
    return true;
  }

  void expect(char c) { ok = take(c) && ok; }

  int number(size_t digits) {
    if (rest.size() < digits) return fail();
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return fail();
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(digits);
    return value;
  }

  int fail() {
    ok = false;
    return 0;
  }
};

int read_fraction(DigitReader& in) {
  int micros = 0;
  int digits = 0;
  while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (in.rest.front() - '0');
    ++digits;
    in.rest.remove_prefix(1);
  }
  if (digits == 0 || digits > 12) return in.fail();
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

int64_t read_offset(DigitReader& in) {
  if (in.rest.empty() || in.take('Z') || in.take('z')) return 0;
  const bool east = in.at('+');
  if (!in.take('+') && !in.take('-')) return in.fail();
  const int hours = in.number(2);
  const bool colon = in.take(':');
  const int minutes = colon || !in.rest.empty() ? in.number(2) : 0;
  if (hours > 18 || minutes > 59) return in.fail();
  const int64_t offset = hours * kMicrosPerHour + minutes * kMicrosPerMinute;
  return east ? offset : -offset;
}

}  // namespace

int64_t to_micros(const CivilTime& civil) {
  const int64_t days = days_from_civil(civil.year, civil.month, civil.day);
  return days * kMicrosPerDay + civil.hour * kMicrosPerHour + civil.minute * kMicrosPerMinute +
         civil.second * kMicrosPerSecond + civil.micros;
}

CivilTime to_civil(int64_t micros) {
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_index = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
  civil.month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  civil.hour = static_cast<int>(rest / kMicrosPerHour);
  civil.minute = static_cast<int>(rest / kMicrosPerMinute % 60);
  civil.second = static_cast<int>(rest / kMicrosPerSecond % 60);
  civil.micros = static_cast<int>(rest % kMicrosPerSecond);
  return civil;
}

std::optional<int64_t> parse_iso8601(std::string_view text) {
  DigitReader in{text};
  CivilTime civil;
  civil.year = in.number(4);
  in.expect('-');
  civil.month = in.number(2);
  in.expect('-');
  civil.day = in.number(2);
  if (!in.ok || civil.year < 1 || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
      civil.day > days_in_month(civil.year, civil.month)) {
    return std::nullopt;
  }
  if (in.rest.empty()) return to_micros(civil);
  if (!in.take('T') && !in.take(' ') && !in.take('t')) return std::nullopt;
  civil.hour = in.number(2);
  in.expect(':');
  civil.minute = in.number(2);
  if (in.take(':')) {
    civil.second = in.number(2);
    if (in.take('.') || in.take(',')) civil.micros = read_fraction(in);
  }
  const int64_t offset = read_offset(in);
  const bool leap_second = civil.second == 60;
  if (!in.ok || !in.rest.empty() || civil.hour > 23 || civil.minute > 59 ||
      (civil.second > 59 && !leap_second)) {
    return std::nullopt;
  }
  return to_micros(civil) - offset;
}

std::string format_iso8601(int64_t micros) {
  const CivilTime civil = to_civil(micros);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", civil.year, civil.month, civil.day,
                          civil.hour, civil.minute, civil.second);
  if (civil.micros != 0) {
    auto fraction = fmt::format(".{:06}", civil.micros);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text + 'Z';
}

std::optional<int64_t> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 8) return std::nullopt;
  int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + (c - '0');
  }
  switch (text.back()) {
    case 's':
      return count * kMicrosPerSecond;
    case 'm':
      return count * kMicrosPerMinute;
    case 'h':
      return count * kMicrosPerHour;
    case 'd':
      return count * kMicrosPerDay;
    case 'w':
      return count * 7 * kMicrosPerDay;
    default:
      return std::nullopt;
  }
}

}  // namespace cairn
