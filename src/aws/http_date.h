// Dates of HTTP headers. Source: RFC 9110 §5.6.7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::aws {

/// `Fri, 20 Mar 2026 09:46:40 GMT`, of microseconds since 1970.
std::string http_date(int64_t micros);

/// All three forms: IMF-fixdate, RFC 850's `Friday, 20-Mar-26 09:46:40 GMT`, and asctime's
/// `Fri Mar 20 09:46:40 2026`. A year of two digits is the one nearest to `now_us` that is not more
/// than 50 years ahead of it. Microseconds since 1970; nullopt: no date of HTTP.
std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_us);

}  // namespace cairn::aws
