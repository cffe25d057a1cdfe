#include "aws/sigv4.h"

#include "aws/uri.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::aws {
namespace {

// RFC 3986 §5.2.4, and double slashes as one.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  for (size_t from = 0; from < path.size();) {
    const auto slash = std::min(path.find('/', from), path.size());
    const auto segment = path.substr(from, slash - from);
    from = slash + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (const auto segment : kept) {
    out += '/';
    out += segment;
  }
  if (out.empty() || path.back() == '/') out += '/';
  return out;
}

// Blanks at the ends go, runs of them become one.
void append_header_value(std::string& out, std::string_view value) {
  bool blank_due = false;
  bool begun = false;
  for (const char c : value) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      blank_due = begun;
      continue;
    }
    if (blank_due) out += ' ';
    blank_due = false;
    begun = true;
    out += c;
  }
}

void set_header(Headers& headers, std::string_view name, std::string value) {
  std::erase_if(headers,
                [&](const Header& header) { return equals_ignoring_case(header.name, name); });
  headers.push_back({std::string(name), std::move(value)});
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& header : headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return {};
}

PathRule path_rule(std::string_view service) {
  return service == "s3" ? PathRule::as_is : PathRule::normalized;
}

std::string canonical_path(std::string_view path, PathRule rule) {
  if (path.empty()) return "/";
  if (rule == PathRule::as_is) return uri_encode(uri_decode(path), Slash::keep);
  return uri_encode(without_dot_segments(path), Slash::keep);
}

std::string canonical_query(std::string_view query, std::string_view without) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (size_t from = 0; from < query.size();) {
    const auto end = std::min(query.find('&', from), query.size());
    const auto parameter = query.substr(from, end - from);
    from = end + 1;
    if (parameter.empty()) continue;
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = uri_decode(parameter.substr(0, equals));
    if (!without.empty() && name == without) continue;
    const auto value = equals < parameter.size() ? parameter.substr(equals + 1) : "";
    parameters.emplace_back(uri_encode(name), uri_encode(uri_decode(value)));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

std::string canonical_request(const CanonicalInput& input) {
  std::string out =
      fmt::format("{}\n{}\n{}\n", input.method, canonical_path(input.path, input.rule),
                  canonical_query(input.query, input.query_without));
  std::string names;
  for (const auto& name : input.signed_headers) {
    out += name;
    char separator = ':';
    for (const auto& header : input.headers) {
      if (!equals_ignoring_case(header.name, name)) continue;
      out += separator;
      append_header_value(out, header.value);
      separator = ',';
    }
    if (separator == ':') out += ':';
    out += '\n';
    if (!names.empty()) names += ';';
    names += name;
  }
  out += '\n';
  out += names;
  out += '\n';
  out += input.payload_hash;
  return out;
}

std::string Scope::text() const {
  return fmt::format("{}/{}/{}/aws4_request", date(), region, service);
}

std::string amz_date(int64_t micros) {
  const auto at = to_civil(micros);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", at.year, at.month, at.day, at.hour,
                     at.minute, at.second);
}

std::string string_to_sign(const Scope& scope, std::string_view canonical) {
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, scope.date_time, scope.text(),
                     to_hex(sha256(canonical)));
}

std::string signing_key(std::string_view secret_key, const Scope& scope) {
  auto key = hmac_sha256("AWS4" + std::string(secret_key), scope.date());
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  return hmac_sha256(key, "aws4_request");
}

std::string signature(std::string_view signing_key, std::string_view string_to_sign) {
  return to_hex(hmac_sha256(signing_key, string_to_sign));
}

std::vector<std::string> headers_to_sign(const Headers& headers) {
  constexpr std::array<std::string_view, 12> kNeverSigned = {"authorization",
                                                             "connection",
                                                             "expect",
                                                             "keep-alive",
                                                             "proxy-authenticate",
                                                             "te",
                                                             "proxy-authorization",
                                                             "trailer",
                                                             "upgrade",
                                                             "transfer-encoding",
                                                             "user-agent",
                                                             "x-amzn-trace-id"};
  std::vector<std::string> names;
  for (const auto& header : headers) {
    auto name = to_lower(header.name);
    if (std::find(kNeverSigned.begin(), kNeverSigned.end(), name) == kNeverSigned.end())
      names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void sign(const SigningRequest& request, const Credentials& credentials, const Scope& scope,
          Headers& headers) {
  set_header(headers, "X-Amz-Date", scope.date_time);
  if (!credentials.session_token.empty())
    set_header(headers, "X-Amz-Security-Token", credentials.session_token);
  if (scope.service == "s3")
    set_header(headers, "X-Amz-Content-SHA256", std::string(request.payload_hash));
  const auto names = headers_to_sign(headers);
  const auto canonical = canonical_request({.method = request.method,
                                            .path = request.path,
                                            .query = request.query,
                                            .headers = headers,
                                            .signed_headers = names,
                                            .payload_hash = request.payload_hash,
                                            .rule = path_rule(scope.service)});
  set_header(headers, "Authorization",
             fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                         credentials.access_key, scope.text(), fmt::join(names, ";"),
                         signature(signing_key(credentials.secret_key, scope),
                                   string_to_sign(scope, canonical))));
}

}  // namespace cairn::aws
