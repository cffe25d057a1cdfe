#include "aws/sigv4_verify.h"

#include "aws/uri.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cairn::aws {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kContentHashHeader = "x-amz-content-sha256";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr size_t kRegionMax = 64;
constexpr size_t kSignedHeadersMax = 256;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::optional<int> digits(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(number);
}

/// nullopt where a field is out of its range, such as the 30th of February.
std::optional<int64_t> instant_of(const CivilTime& civil) {
  if (civil.year < 1970 || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31 ||
      civil.hour > 23 || civil.minute > 59 || civil.second > 59)
    return std::nullopt;
  const int64_t at = to_micros(civil);
  return to_civil(at).day == civil.day ? std::optional(at) : std::nullopt;
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 §5.6.7.
std::optional<int64_t> parse_date_header(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = digits(text.substr(5, 2));
  const auto year = digits(text.substr(12, 4));
  const auto hour = digits(text.substr(17, 2));
  const auto minute = digits(text.substr(20, 2));
  const auto second = digits(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  return instant_of({.year = *year,
                     .month = static_cast<int>(month - kMonths.begin()) + 1,
                     .day = *day,
                     .hour = *hour,
                     .minute = *minute,
                     .second = *second});
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters parameters_of(std::string_view query) {
  Parameters parameters;
  for (const auto& parameter : split(query, '&')) {
    const auto equals = std::min(parameter.find('='), parameter.size());
    parameters.emplace_back(uri_decode(parameter.substr(0, equals)),
                            uri_decode(parameter.substr(std::min(equals + 1, parameter.size()))));
  }
  return parameters;
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

bool signed_in_query(const Parameters& parameters) {
  return find_parameter(parameters, "X-Amz-Algorithm") != nullptr ||
         find_parameter(parameters, "X-Amz-Credential") != nullptr ||
         find_parameter(parameters, "X-Amz-Signature") != nullptr;
}

bool has_header(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const Header& header) { return equals_ignoring_case(header.name, name); });
}

/// Names in a list are each there once: a short list that repeats a name with a long value would
/// make a canonical request without bound.
bool is_header_list(std::vector<std::string> names) {
  if (names.size() > kSignedHeadersMax) return false;
  for (auto& name : names) name = to_lower(name);
  std::sort(names.begin(), names.end());
  return !names.front().empty() && std::adjacent_find(names.begin(), names.end()) == names.end();
}

std::optional<SignatureProblem> read_credential(std::string_view text, SignatureClaim& claim) {
  auto parts = split(text, '/');
  if (parts.size() != 5 || parts.front().empty())
    return SignatureProblem{.fault = SignatureFault::credential_malformed,
                            .word = std::string(text)};
  claim.access_key = std::move(parts[0]);
  claim.scope_date = std::move(parts[1]);
  claim.scope.region = std::move(parts[2]);
  claim.scope.service = std::move(parts[3]);
  claim.terminator = std::move(parts[4]);
  return std::nullopt;
}

std::optional<SignatureProblem> set_date(std::string_view text, std::optional<int64_t> at,
                                         SignatureClaim& claim) {
  if (!at)
    return SignatureProblem{.fault = SignatureFault::date_malformed, .word = std::string(text)};
  claim.signed_us = *at;
  claim.scope.date_time = amz_date(*at);
  return std::nullopt;
}

/// The parameters behind the algorithm: `Credential=…, SignedHeaders=…, Signature=…`.
std::optional<SignatureProblem> read_pairs(std::string_view text, Parameters& pairs) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(", \t"), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 ||
        find_parameter(pairs, pair.substr(0, equals)) != nullptr)
      return SignatureProblem{.fault = SignatureFault::not_a_pair, .word = std::string(pair)};
    pairs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<SignatureProblem> read_header_claim(const ServerRequest& request,
                                                  std::string_view text, SignatureClaim& claim) {
  const auto blank = std::min(text.find_first_of(kBlanks), text.size());
  const auto algorithm = text.substr(0, blank);
  if (!algorithm.starts_with("AWS4-"))
    return SignatureProblem{.fault = SignatureFault::other_scheme, .word = std::string(algorithm)};
  Parameters pairs;
  if (auto problem = read_pairs(text.substr(blank), pairs)) return problem;
  SignatureProblem missing{.fault = SignatureFault::parameters_missing};
  for (const auto* name : {"Credential", "Signature", "SignedHeaders"}) {
    const auto* const value = find_parameter(pairs, name);
    if (value == nullptr || value->empty()) missing.names.emplace_back(name);
  }
  const bool amz = has_header(request.headers, "x-amz-date");
  const auto date = trimmed(find_header(request.headers, amz ? "x-amz-date" : "date"));
  if (date.empty()) missing.names.emplace_back("Date");
  if (const auto* const credential = find_parameter(pairs, "Credential"))
    (void)read_credential(*credential, claim);  // for who reads logs, whatever else is wrong
  if (!missing.names.empty()) return missing;
  if (algorithm != kAlgorithm)
    return SignatureProblem{.fault = SignatureFault::algorithm, .word = std::string(algorithm)};
  auto at = parse_amz_date(date);
  if (!at && !amz) at = parse_date_header(date);
  if (auto problem = set_date(date, at, claim)) return problem;
  claim.session_token = trimmed(find_header(request.headers, "x-amz-security-token"));
  claim.signature = *find_parameter(pairs, "Signature");
  claim.signed_headers = split(*find_parameter(pairs, "SignedHeaders"), ';');
  if (!is_header_list(claim.signed_headers))
    return SignatureProblem{.fault = SignatureFault::parameters_missing,
                            .names = {"SignedHeaders"}};
  return read_credential(*find_parameter(pairs, "Credential"), claim);
}

std::optional<SignatureProblem> read_expires(std::string_view text, SignatureClaim& claim) {
  int64_t seconds = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (wrong != std::errc() || end != text.data() + text.size())
    return SignatureProblem{.fault = wrong == std::errc::result_out_of_range && text[0] != '-'
                                         ? SignatureFault::expires_too_long
                                         : SignatureFault::expires_not_a_number};
  if (seconds < 0) return SignatureProblem{.fault = SignatureFault::expires_negative};
  if (seconds > kPresignedSecondsMax)
    return SignatureProblem{.fault = SignatureFault::expires_too_long};
  claim.expires_seconds = seconds;
  return std::nullopt;
}

std::optional<SignatureProblem> read_query_claim(const Parameters& parameters,
                                                 SignatureClaim& claim) {
  claim.presigned = true;
  SignatureProblem missing{.fault = SignatureFault::parameters_missing};
  for (const auto* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature",
                           "X-Amz-SignedHeaders", "X-Amz-Date"}) {
    const auto* const value = find_parameter(parameters, name);
    if (value == nullptr || value->empty()) missing.names.emplace_back(name);
  }
  if (const auto* const credential = find_parameter(parameters, "X-Amz-Credential"))
    (void)read_credential(*credential, claim);
  if (!missing.names.empty()) return missing;
  const auto& algorithm = *find_parameter(parameters, "X-Amz-Algorithm");
  if (algorithm != kAlgorithm)
    return SignatureProblem{.fault = SignatureFault::algorithm, .word = algorithm};
  const auto& date = *find_parameter(parameters, "X-Amz-Date");
  if (auto problem = set_date(date, parse_amz_date(date), claim)) return problem;
  if (const auto* const expires = find_parameter(parameters, "X-Amz-Expires"))
    if (auto problem = read_expires(*expires, claim)) return problem;
  if (const auto* const token = find_parameter(parameters, "X-Amz-Security-Token"))
    claim.session_token = *token;
  claim.signature = *find_parameter(parameters, "X-Amz-Signature");
  claim.signed_headers = split(*find_parameter(parameters, "X-Amz-SignedHeaders"), ';');
  if (!is_header_list(claim.signed_headers))
    return SignatureProblem{.fault = SignatureFault::parameters_missing,
                            .names = {"X-Amz-SignedHeaders"}};
  return read_credential(*find_parameter(parameters, "X-Amz-Credential"), claim);
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kRegionMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool must_be_signed(std::string_view lower_name, const SignatureClaim& claim, bool s3) {
  if (lower_name == kContentHashHeader) return false;  // its value is part of what is signed
  if (lower_name == "content-type") return !s3 && !claim.presigned;
  return lower_name.starts_with("x-amz-");
}

std::optional<SignatureProblem> check_headers(const SignatureClaim& claim,
                                              const ServerRequest& request, bool s3) {
  const auto is_signed = [&](std::string_view name) {
    return std::any_of(claim.signed_headers.begin(), claim.signed_headers.end(),
                       [&](const auto& one) { return equals_ignoring_case(one, name); });
  };
  SignatureProblem problem{.fault = SignatureFault::headers_unsigned};
  if (!is_signed("host")) problem.names.emplace_back("host");
  for (const auto& header : request.headers) {
    auto name = to_lower(header.name);
    if (must_be_signed(name, claim, s3) && !is_signed(name) &&
        std::find(problem.names.begin(), problem.names.end(), name) == problem.names.end())
      problem.names.push_back(std::move(name));
  }
  return problem.names.empty() ? std::nullopt : std::optional(std::move(problem));
}

std::optional<SignatureProblem> check_time(const SignatureClaim& claim, const ClaimRules& rules) {
  const int64_t skew_us = rules.skew_seconds * kMicrosPerSecond;
  if (claim.signed_us > rules.now_us + skew_us)
    return SignatureProblem{.fault = SignatureFault::not_yet_valid};
  const int64_t lasts_us = claim.expires_seconds.value_or(rules.skew_seconds) * kMicrosPerSecond;
  if (rules.now_us > claim.signed_us + lasts_us)
    return SignatureProblem{.fault = SignatureFault::expired};
  return std::nullopt;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::optional<int64_t> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto date = digits(text.substr(0, 8));
  const auto time = digits(text.substr(9, 6));
  if (!date || !time) return std::nullopt;
  return instant_of({.year = *date / 10'000,
                     .month = *date / 100 % 100,
                     .day = *date % 100,
                     .hour = *time / 10'000,
                     .minute = *time / 100 % 100,
                     .second = *time % 100});
}

bool claims_signature(const ServerRequest& request) {
  if (!trimmed(find_header(request.headers, "authorization")).empty()) return true;
  const auto parameters = parameters_of(request.query());
  return signed_in_query(parameters) || find_parameter(parameters, "AWSAccessKeyId") != nullptr;
}

ReadClaim read_claim(const ServerRequest& request) {
  ReadClaim read;
  const auto header = trimmed(find_header(request.headers, "authorization"));
  const auto parameters = parameters_of(request.query());
  const bool in_query = signed_in_query(parameters);
  if (!header.empty() && in_query)
    read.problem = SignatureProblem{.fault = SignatureFault::two_forms};
  else if (!header.empty())
    read.problem = read_header_claim(request, header, read.claim);
  else if (in_query)
    read.problem = read_query_claim(parameters, read.claim);
  else if (find_parameter(parameters, "AWSAccessKeyId") != nullptr)
    read.problem = SignatureProblem{.fault = SignatureFault::other_scheme, .word = "AWS"};
  else
    read.problem = SignatureProblem{.fault = SignatureFault::missing};
  return read;
}

std::optional<SignatureProblem> check_claim(const SignatureClaim& claim,
                                            const ServerRequest& request, const ClaimRules& rules) {
  if (rules.s3 && claim.presigned && !claim.expires_seconds)
    return SignatureProblem{.fault = SignatureFault::parameters_missing,
                            .names = {"X-Amz-Expires"}};
  SignatureProblem wrong{.fault = SignatureFault::scope_wrong};
  wrong.scope.date = claim.scope_date != claim.scope.date();
  wrong.scope.region = !is_region(claim.scope.region);
  wrong.scope.service = !rules.service.empty() && claim.scope.service != rules.service;
  wrong.scope.terminator = claim.terminator != "aws4_request";
  const auto& scope = wrong.scope;
  const bool any = scope.date || scope.region || scope.service || scope.terminator;
  if (rules.s3 && any) return wrong;  // S3 looks at the scope first, others last
  if (auto problem = check_time(claim, rules)) return problem;
  if (auto problem = check_headers(claim, request, rules.s3)) return problem;
  return any ? std::optional(std::move(wrong)) : std::nullopt;
}

std::variant<ContentHash, SignatureProblem> content_hash(const SignatureClaim& claim,
                                                         const ServerRequest& request) {
  const auto body_hash = [&] {
    return request.body.empty() ? std::string(kEmptyHash) : to_hex(sha256(request.body));
  };
  if (path_rule(claim.scope.service) != PathRule::as_is) return ContentHash{.text = body_hash()};
  auto told = std::string(trimmed(find_header(request.headers, kContentHashHeader)));
  if (told.empty() && claim.presigned) {
    const auto parameters = parameters_of(request.query());
    if (const auto* const value = find_parameter(parameters, "X-Amz-Content-Sha256")) told = *value;
    if (told.empty()) told = kUnsignedPayload;
  }
  if (told.empty()) return SignatureProblem{.fault = SignatureFault::content_hash_missing};
  if (is_hash(told)) return ContentHash{.text = std::move(told), .computed = body_hash()};
  if (told == kUnsignedPayload || told.starts_with("STREAMING-"))
    return ContentHash{.text = std::move(told), .covers = false};
  return SignatureProblem{.fault = SignatureFault::content_hash_malformed, .word = std::move(told)};
}

std::optional<std::variant<ContentHash, SignatureProblem>> content_hash_in_head(
    const SignatureClaim& claim, const ServerRequest& request) {
  if (path_rule(claim.scope.service) == PathRule::as_is) return content_hash(claim, request);
  const auto hash = trimmed(find_header(request.headers, kContentHashHeader));
  if (!is_hash(hash)) return std::nullopt;
  return ContentHash{.text = std::string(hash)};
}

ExpectedSignature expected_signature(const SignatureClaim& claim, const ServerRequest& request,
                                     std::string_view secret_key, std::string_view content_hash) {
  ExpectedSignature expected;
  expected.canonical_request =
      canonical_request({.method = request.method,
                         .path = request.path(),
                         .query = request.query(),
                         .headers = request.headers,
                         .signed_headers = claim.signed_headers,
                         .payload_hash = content_hash,
                         .rule = path_rule(claim.scope.service),
                         .query_without = claim.presigned ? "X-Amz-Signature" : ""});
  expected.string_to_sign = string_to_sign(claim.scope, expected.canonical_request);
  expected.signing_key = signing_key(secret_key, claim.scope);
  expected.signature = signature(expected.signing_key, expected.string_to_sign);
  return expected;
}

}  // namespace cairn::aws
