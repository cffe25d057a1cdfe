#include "io/aws_client.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace cairn::io {
namespace {

constexpr int64_t kWaitSliceMs = 100;

std::string_view hint_for(const AwsAnswer& answer) {
  const auto& code = answer.error.code;
  const int status = answer.response.status;
  if (aws::is_expired_token(code)) return "; hint: the session's credentials ran out, get new ones";
  if (code == "InvalidAccessKeyId" || code == "InvalidClientTokenId" ||
      code == "UnrecognizedClientException")
    return "; hint: check the access key, and that it belongs to this partition or endpoint";
  if (code == "SignatureDoesNotMatch" || code == "InvalidSignatureException")
    return "; hint: check the secret key";
  if (aws::is_clock_skew(code)) return "; hint: set this machine's clock";
  if (code == "NoSuchBucket") return "; hint: check the bucket's name and the endpoint";
  if (status == 401 || status == 403)
    return "; hint: check the permissions of the role or user whose keys are used";
  return "";
}

AwsAnswer to_answer(HttpResponse response, bool json) {
  AwsAnswer answer{.response = std::move(response)};
  if (answer.ok()) return answer;
  answer.error = json ? aws::parse_error_json(answer.response.body, answer.response.headers)
                      : aws::parse_error_xml(answer.response.body);
  return answer;
}

std::string url_of(const AwsRequest& request) {
  auto url = fmt::format("{}://{}{}", request.scheme, request.host, request.path);
  if (!request.query.empty()) url += "?" + request.query;
  return url;
}

}  // namespace

Error AwsAnswer::refusal(std::string_view doing) const {
  auto why = error.code.empty() ? fmt::format("HTTP status {}", response.status) : error.code;
  if (!error.message.empty()) why += ": " + error.message.substr(0, 500);
  return {aws::error_kind(response.status, error.code),
          fmt::format("cannot {}: {}{}", doing, printable(why), hint_for(*this))};
}

AwsClient::AwsClient(HttpClient& http, AwsWorld world, RetryOptions retries, RateLimit* rate_limit)
    : http_(http), world_(world), retries_(retries), rate_limit_(rate_limit) {}

bool AwsClient::cancelled() const {
  return world_.cancelled != nullptr && world_.cancelled->load();
}

void AwsClient::wait_ms(int64_t millis) {
  for (; millis > 0 && !cancelled(); millis -= kWaitSliceMs)
    world_.waiter.wait_us(std::min(millis, kWaitSliceMs) * 1000);
}

int64_t AwsClient::delay_ms(int attempt, bool throttled, const Headers& headers) {
  const auto base = throttled ? retries_.throttled_delay_ms : retries_.delay_ms;
  const auto most = std::min(retries_.delay_max_ms, base << std::min(attempt, 20));
  auto delay = static_cast<int64_t>(world_.random.next() % static_cast<uint64_t>(most + 1));
  const auto asked = aws::find_header(headers, "retry-after");
  int64_t seconds = 0;
  const auto parsed = std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
  if (!asked.empty() && parsed.ec == std::errc() && seconds > 0 && seconds < 3600)
    delay = std::max(delay, std::min(seconds * 1000, retries_.delay_max_ms));
  return delay;
}

Result<HttpResponse> AwsClient::try_once(const AwsRequest& request,
                                         const aws::Credentials& credentials) {
  HttpRequest http{.method = request.method,
                   .url = url_of(request),
                   .headers = request.headers,
                   .body = request.body,
                   .response_bytes_max = request.response_bytes_max,
                   .timeout_ms = request.timeout_ms,
                   .rate_limit = rate_limit_};
  http.headers.push_back({"Host", request.host});
  if (!credentials.anonymous()) {
    const aws::Scope scope{.date_time = aws::amz_date(world_.clock.now_us() + clock_offset_us_),
                           .region = request.region,
                           .service = request.service};
    aws::sign({.method = request.method,
               .path = request.path,
               .query = request.query,
               .payload_hash = request.payload_hash},
              credentials, scope, http.headers);
  }
  return http_.send(http);
}

Result<AwsAnswer> AwsClient::send(const AwsRequest& request) {
  auto signed_request = request;
  if (signed_request.payload_hash.empty())
    signed_request.payload_hash = to_hex(sha256(request.body));
  const auto deadline_us = world_.waiter.steady_us() + retries_.budget_ms * 1000;
  bool mended = false;
  for (int attempt = 0;; ++attempt) {
    const auto credentials = CAIRN_TRY(world_.credentials.get());  // has tries of its own
    auto sent = try_once(signed_request, credentials);
    if (!sent.ok() && sent.error().kind() != ErrorKind::unavailable) return std::move(sent).error();
    AwsAnswer answer;
    bool throttled = false;
    std::optional<Error> fault;
    if (!sent.ok()) {
      fault = std::move(sent).error();
    } else {
      answer = to_answer(std::move(sent).value(), request.json);
      const auto& code = answer.error.code;
      if (answer.ok()) return answer;
      throttled = aws::is_throttling(answer.response.status, code);
      const bool skewed = aws::is_clock_skew(code);
      if (!mended && (skewed || aws::is_expired_token(code))) {
        mended = true;
        const auto date =
            parse_http_date(std::string(aws::find_header(answer.response.headers, "date")));
        if (skewed && date) clock_offset_us_ = *date - world_.clock.now_us();
        if (!skewed) world_.credentials.forget();
        continue;
      }
      if (!aws::is_retryable(answer.response.status, code)) return answer;
    }
    const auto delay = delay_ms(attempt, throttled, answer.response.headers);
    const bool spent = attempt + 1 >= retries_.attempts_max ||
                       world_.waiter.steady_us() + delay * 1000 > deadline_us || cancelled();
    if (!spent) {
      wait_ms(delay);
      continue;
    }
    if (fault) {
      if (cancelled() || attempt == 0) return *std::move(fault);
      return Error{ErrorKind::unavailable,
                   fmt::format("{} (tried {} times)", fault->message(), attempt + 1)};
    }
    return answer;
  }
}

}  // namespace cairn::io
