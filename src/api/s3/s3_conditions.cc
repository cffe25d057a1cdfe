#include "api/s3/s3_conditions.h"

#include "aws/http_date.h"
#include "base/text.h"
#include "base/time.h"

#include <algorithm>
#include <optional>
#include <string>

namespace cairn::api {
namespace {

/// A header's values as one list; nullopt: it is not there.
std::optional<std::string> list_of(const aws::Headers& headers, std::string_view name) {
  std::optional<std::string> all;
  for (const auto& header : headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (all) *all += ',';
    all = all.value_or("") + header.value;
  }
  return all;
}

int64_t second_of(int64_t micros) {
  return micros / kMicrosPerSecond;
}

/// Of a header that is there once and holds a date.
std::optional<int64_t> second_in(const aws::Headers& headers, std::string_view name,
                                 int64_t now_us) {
  const auto text = list_of(headers, name);
  const auto micros = text ? aws::parse_http_date(trimmed(*text), now_us) : std::nullopt;
  return micros ? std::optional(second_of(*micros)) : std::nullopt;
}

/// Takes the first of a list of entity tags off it: its text without quotes.
std::string_view take_etag(std::string_view& list, bool& is_weak) {
  list = trimmed(list);
  is_weak = list.starts_with("W/");
  if (is_weak) list.remove_prefix(2);
  std::string_view one;
  if (list.starts_with('"')) {  // commas may stand within
    const auto end = std::min(list.find('"', 1), list.size());
    one = list.substr(1, end - 1);
    list.remove_prefix(std::min(end + 1, list.size()));
    list.remove_prefix(std::min(list.find(','), list.size()));
  } else {
    one = trimmed(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.find(','), list.size()));
  }
  if (!list.empty()) list.remove_prefix(1);
  return one;
}

}  // namespace

bool names_etag(std::string_view list, std::string_view etag, bool weak) {
  if (trimmed(list) == "*") return true;
  while (!trimmed(list).empty()) {
    bool is_weak = false;
    const auto one = take_etag(list, is_weak);
    if (one == etag && (weak || !is_weak)) return true;
  }
  return false;
}

int condition_status(const aws::Headers& headers, const Validators& have, int64_t now_us) {
  const auto modified = second_of(have.modified_us);
  if (const auto match = list_of(headers, "if-match")) {
    if (!names_etag(*match, have.etag, false)) return 412;
  } else if (const auto unmodified = second_in(headers, "if-unmodified-since", now_us)) {
    if (modified > *unmodified) return 412;
  }
  if (const auto none = list_of(headers, "if-none-match"))
    return names_etag(*none, have.etag, true) ? 304 : 200;
  const auto since = second_in(headers, "if-modified-since", now_us);
  return since && modified <= *since ? 304 : 200;
}

bool range_counts(const aws::Headers& headers, const Validators& have, int64_t now_us) {
  const auto wanted = list_of(headers, "if-range");
  if (!wanted) return true;
  const auto text = trimmed(*wanted);
  if (const auto date = aws::parse_http_date(text, now_us))
    return second_of(*date) == second_of(have.modified_us);
  return text != "*" && names_etag(text, have.etag, false);
}

}  // namespace cairn::api
