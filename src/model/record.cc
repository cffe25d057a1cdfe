#include "model/record.h"

#include "base/name_watch.h"
#include "base/time.h"

#include <charconv>
#include <cmath>

namespace cairn::model {

int FieldPlan::want(Field field) {
  auto& slot = slot_of_[static_cast<size_t>(field)];
  if (slot < 0) slot = static_cast<int8_t>(slots_++);
  return slot;
}

ObjectScan scan_object(const char* p, const char* end, const FieldPlan& plan,
                       std::string_view* slots) {
  ObjectScan found;
  json::Scan& scan = found.scan;
  const auto stop = [&](const char* at, json::Fault fault) {
    scan.at = at;
    scan.fault = at >= end ? json::Fault::incomplete : fault;
    return found;
  };
  json::NameWatch names;
  names.open(1);
  for (size_t i = 0; i < plan.slots(); ++i) slots[i] = {};
  p = json::skip_space(p + 1);
  if (*p == '}' && p < end) return stop(p + 1, json::Fault::none);
  for (;;) {
    if (*p != '"') return stop(p, json::Fault::bad_object);
    const json::Scan key = json::scan_string(p, end);
    if (key.fault != json::Fault::none) return stop(key.at, key.fault);
    scan.non_ascii |= key.non_ascii;
    scan.odd_names |= key.escaped;
    const std::string_view name(p + 1, static_cast<size_t>(key.at - p - 2));
    names.add(1, name.data(), name.size());
    const Field field = find_field(name);
    p = json::skip_space(key.at);
    if (*p != ':') return stop(p, json::Fault::bad_object);
    p = json::skip_space(p + 1);
    const json::Scan value = json::scan_value_and_names(p, end);
    if (value.fault != json::Fault::none) return stop(value.at, value.fault);
    scan.non_ascii |= value.non_ascii;
    scan.odd_names |= value.odd_names;
    if (field != Field::end) {
      const std::string_view text(p, static_cast<size_t>(value.at - p));
      found.seen |= uint64_t{1} << static_cast<unsigned>(field);
      if (field == Field::event_time) found.event_time = text;
      if (field == Field::event_source) found.event_source = text;
      if (field == Field::recipient_account_id) found.recipient_account = text;
      if (field == Field::aws_region) found.region = text;
      if (const int slot = plan.slot(field); slot >= 0) slots[slot] = text;
    }
    p = json::skip_space(value.at);
    if (*p == '}' && p < end) {
      scan.at = p + 1;
      scan.odd_names |= names.odd();
      return found;
    }
    if (*p != ',') return stop(p, json::Fault::bad_object);
    p = json::skip_space(p + 1);
  }
}

namespace {

// `"YYYY-MM-DDTHH:MM:SSZ"`, the only form that CloudTrail itself writes, without the general
// parser's detours.
std::optional<int64_t> own_form(std::string_view raw) {
  constexpr std::string_view kForm = "\"0000-00-00T00:00:00Z\"";
  if (raw.size() != kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = raw[i] >= '0' && raw[i] <= '9';
    if (kForm[i] == '0' ? !digit : raw[i] != kForm[i]) return std::nullopt;
  }
  const auto two = [&](size_t at) { return (raw[at] - '0') * 10 + (raw[at + 1] - '0'); };
  CivilTime civil;
  civil.year = two(1) * 100 + two(3);
  civil.month = two(6);
  civil.day = two(9);
  civil.hour = two(12);
  civil.minute = two(15);
  civil.second = two(18);
  const bool plain = civil.year >= 1 && civil.month >= 1 && civil.month <= 12 && civil.day >= 1 &&
                     civil.day <= 28 && civil.hour <= 23 && civil.minute <= 59 &&
                     civil.second <= 59;
  if (!plain) return std::nullopt;  // the general parser knows how long months are
  return to_micros(civil);
}

}  // namespace

std::optional<int64_t> event_time_of(std::string_view raw) {
  if (const auto plain = own_form(raw)) return plain;
  std::string scratch;
  if (json::is_string(raw)) return parse_iso8601(json::string_content(raw, scratch));
  double number = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  // Seconds until the year 5138 stay below 1e11; milliseconds passed it in 1973.
  if (std::abs(number) >= 1e11) number /= 1000;
  if (number <= 0 || number >= 1e11) return std::nullopt;
  return static_cast<int64_t>(std::llround(number * 1e6));
}

}  // namespace cairn::model
