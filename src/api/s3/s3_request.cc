#include "api/s3/s3_request.h"

#include "aws/uri.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace cairn::api {
namespace {

std::optional<uint64_t> digits_of(std::string_view text) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (code == std::errc::result_out_of_range) return std::numeric_limits<uint64_t>::max();
  return code == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string S3Request::value(const std::string& name) const {
  const auto at = query.find(name);
  return at == query.end() ? "" : at->second;
}

std::string bucket_in_host(const aws::ServerRequest& request) {
  const auto host = to_lower(aws::host_without_port(aws::find_header(request.headers, "host")));
  constexpr std::string_view kHere = ".localhost";
  const auto service = host.rfind(".s3.");
  if (service != std::string::npos) return host.substr(0, service);
  if (host.starts_with("s3.") || !host.ends_with(kHere)) return "";
  return host.substr(0, host.size() - kHere.size());
}

S3Request read_s3_request(const aws::ServerRequest& request, std::string_view host_bucket) {
  S3Request asked;
  auto path = request.path();
  path.remove_prefix(std::min<size_t>(1, path.size()));
  if (host_bucket.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    asked.bucket = aws::uri_decode(path.substr(0, slash));
    if (slash < path.size()) asked.key = aws::uri_decode(path.substr(slash + 1));
  } else {
    asked.bucket = host_bucket;
    asked.key = aws::uri_decode(path);
  }
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
  if (!equals_ignoring_case(header.substr(0, kUnit.size()), kUnit)) return RangeKind::all;
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

}  // namespace cairn::api
