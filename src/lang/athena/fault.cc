#include "lang/athena/fault.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::lang::athena {
namespace {

constexpr size_t kLineMax = 100;  // bytes of the query's line that are shown
constexpr size_t kLead = 60;      // of them at most before the place

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

struct Place {
  size_t line_number = 1;
  size_t line_begin = 0;
  size_t line_end = 0;
};

Place place_of(std::string_view query, size_t position) {
  Place place;
  for (size_t i = 0; i < position; ++i) {
    if (query[i] != '\n') continue;
    ++place.line_number;
    place.line_begin = i + 1;
  }
  place.line_end = std::min(query.find('\n', position), query.size());
  return place;
}

}  // namespace

std::string render(const Fault& fault, std::string_view query) {
  std::string out;
  if (fault.position == Fault::kNowhere || query.empty()) {
    out = printable(fault.message);
    if (!fault.note.empty()) out += "; " + printable(fault.note);
  } else {
    const size_t position = std::min(fault.position, query.size() - 1);
    const Place place = place_of(query, position);
    const auto head = query.substr(place.line_begin, position - place.line_begin);
    out = fmt::format("query:{}:{}: {}\n", place.line_number, characters(head) + 1,
                      printable(fault.message));
    size_t begin = place.line_begin;
    if (position - begin > kLead) begin = position - kLead;
    while (begin < position && is_continuation(query[begin])) ++begin;
    size_t end = std::min(place.line_end, begin + kLineMax);
    while (end < place.line_end && is_continuation(query[end])) ++end;
    const size_t marked_end = std::clamp(position + fault.length, position, end);
    const std::string before = printable(query.substr(begin, position - begin));
    const std::string marked = printable(query.substr(position, marked_end - position));
    const std::string after = printable(query.substr(marked_end, end - marked_end));
    const std::string number = fmt::format("{:>5}", place.line_number);
    out += fmt::format("{} | {}{}{}\n", number, before, marked, after);
    out += fmt::format("{} | {}^{}", std::string(number.size(), ' '),
                       std::string(characters(before), ' '),
                       std::string(std::max<size_t>(characters(marked), 1) - 1, '~'));
    if (!fault.note.empty()) out += ' ' + printable(fault.note);
  }
  if (!fault.hint.empty()) out += "\nhint: " + printable(fault.hint);
  return out;
}

}  // namespace cairn::lang::athena
