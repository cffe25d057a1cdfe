#include "aws/http_date.h"

#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::aws {
namespace {

// 1 January 1970 was a Thursday.
constexpr std::array<std::string_view, 7> kDays = {"Thursday", "Friday",  "Saturday", "Sunday",
                                                   "Monday",   "Tuesday", "Wednesday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr int kYearsAheadMax = 50;

/// Takes a text apart from its begin; once something does not fit, nothing does.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  void word(std::string_view wanted) {
    good_ = good_ && left_.starts_with(wanted);
    if (good_) left_.remove_prefix(wanted.size());
  }

  int number(size_t digits) {
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      good_ = good_ && !left_.empty() && left_.front() >= '0' && left_.front() <= '9';
      if (!good_) return 0;
      value = value * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    return value;
  }

  /// asctime's day: two digits, or a blank and one.
  int padded_day() {
    if (!left_.starts_with(' ')) return number(2);
    word(" ");
    return number(1);
  }

  int month() {
    const auto* const at = std::find(kMonths.begin(), kMonths.end(), left_.substr(0, 3));
    good_ = good_ && at != kMonths.end();
    if (!good_) return 1;
    left_.remove_prefix(3);
    return static_cast<int>(at - kMonths.begin()) + 1;
  }

  void clock(CivilTime& civil) {
    civil.hour = number(2);
    word(":");
    civil.minute = number(2);
    word(":");
    civil.second = number(2);
  }

  bool ended() const { return good_ && left_.empty(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

std::string_view short_day(std::string_view day) {
  return day.substr(0, 3);
}

/// What follows the day's name, of years with so many digits.
std::optional<CivilTime> parse_dated(std::string_view text, std::string_view separator,
                                     size_t year_digits) {
  CivilTime civil;
  Reader reader(text);
  reader.word(", ");
  civil.day = reader.number(2);
  reader.word(separator);
  civil.month = reader.month();
  reader.word(separator);
  civil.year = reader.number(year_digits);
  reader.word(" ");
  reader.clock(civil);
  reader.word(" GMT");
  return reader.ended() ? std::optional(civil) : std::nullopt;
}

std::optional<CivilTime> parse_fixed(std::string_view text) {
  return parse_dated(text, " ", 4);
}

/// Its years of two digits are those from 49 years ago to 50 years ahead.
std::optional<CivilTime> parse_rfc850(std::string_view text, int64_t now_us) {
  auto civil = parse_dated(text, "-", 2);
  if (!civil) return civil;
  const int this_year = to_civil(now_us).year;
  civil->year += this_year - this_year % 100;
  if (civil->year > this_year + kYearsAheadMax) civil->year -= 100;
  if (civil->year <= this_year + kYearsAheadMax - 100) civil->year += 100;
  return civil;
}

std::optional<CivilTime> parse_asctime(std::string_view text) {
  CivilTime civil;
  Reader reader(text);
  reader.word(" ");
  civil.month = reader.month();
  reader.word(" ");
  civil.day = reader.padded_day();
  reader.word(" ");
  reader.clock(civil);
  reader.word(" ");
  civil.year = reader.number(4);
  return reader.ended() ? std::optional(civil) : std::nullopt;
}

std::optional<CivilTime> parse_any(std::string_view text, int64_t now_us) {
  for (const auto day : kDays) {
    if (text.starts_with(day)) return parse_rfc850(text.substr(day.size()), now_us);
    if (!text.starts_with(short_day(day))) continue;
    const auto rest = text.substr(short_day(day).size());
    return rest.starts_with(',') ? parse_fixed(rest) : parse_asctime(rest);
  }
  return std::nullopt;
}

}  // namespace

std::string http_date(int64_t micros) {
  const auto civil = to_civil(micros);
  const auto day = static_cast<size_t>(((micros / kMicrosPerDay) % 7 + 7) % 7);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", short_day(kDays[day]), civil.day,
                     kMonths[static_cast<size_t>(civil.month - 1)], civil.year, civil.hour,
                     civil.minute, civil.second);
}

std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_us) {
  auto civil = parse_any(text, now_us);
  if (!civil || civil->year < 1 || civil->day < 1 || civil->hour > 23 || civil->minute > 59 ||
      civil->second > 60)
    return std::nullopt;
  civil->second = std::min(civil->second, 59);  // a leap second
  if (civil->day > 31) return std::nullopt;
  const auto micros = to_micros(*civil);
  return to_civil(micros).day == civil->day ? std::optional(micros) : std::nullopt;
}

}  // namespace cairn::aws
