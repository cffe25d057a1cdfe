#include "api/s3/s3_request.h"

#include "aws/uri.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cairn::api {
namespace {

std::optional<uint64_t> digits_of(std::string_view text) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string S3Request::value(const std::string& name) const {
  const auto at = query.find(name);
  return at == query.end() ? "" : at->second;
}

S3Request read_s3_request(const aws::ServerRequest& request) {
  S3Request asked;
  auto path = request.path();
  path.remove_prefix(std::min<size_t>(1, path.size()));
  const auto slash = std::min(path.find('/'), path.size());
  asked.bucket = aws::uri_decode(path.substr(0, slash));
  if (slash < path.size()) asked.key = aws::uri_decode(path.substr(slash + 1));
  for (auto rest = request.query(); !rest.empty();) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = equals == pair.size() ? std::string_view() : pair.substr(equals + 1);
    asked.query[aws::uri_decode(pair.substr(0, equals))] = aws::form_decode(value);
  }
  return asked;
}

RangeKind read_range(std::string_view header, uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return RangeKind::all;
  header.remove_prefix(kUnit.size());
  const auto dash = header.find('-');
  if (dash == header.npos) return RangeKind::all;
  const auto first = digits_of(header.substr(0, dash));
  const auto last = digits_of(header.substr(dash + 1));
  if (dash == 0) {  // the last so many
    if (!last) return RangeKind::all;
    if (*last == 0 || size == 0) return RangeKind::unsatisfiable;
    range.length = std::min(*last, size);
    range.first = size - range.length;
    return RangeKind::part;
  }
  if (!first || (!last && dash + 1 != header.size())) return RangeKind::all;
  if (last && *last < *first) return RangeKind::all;
  if (*first >= size) return RangeKind::unsatisfiable;
  range.first = *first;
  range.length = std::min(last.value_or(size - 1), size - 1) - *first + 1;
  return RangeKind::part;
}

std::string http_date(int64_t micros) {
  constexpr std::array<const char*, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto civil = to_civil(micros);
  const auto day = static_cast<size_t>(((micros / kMicrosPerDay) % 7 + 7) % 7);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[day], civil.day,
                     kMonths[static_cast<size_t>(civil.month - 1)], civil.year, civil.hour,
                     civil.minute, civil.second);
}

}  // namespace cairn::api
