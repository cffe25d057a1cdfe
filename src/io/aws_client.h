// Signed calls to AWS services, tried again as long as that makes sense.
#pragma once

#include "aws/errors.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/credentials.h"
#include "io/http_client.h"
#include "io/random.h"
#include "io/waiter.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace cairn::io {

/// How often, and how long, one call is tried. Between tries it waits a random time below
/// `delay_ms` · 2^tries ("full jitter"), never above `delay_max_ms`, or what Retry-After asks.
struct RetryOptions {
  int attempts_max = 8;
  int64_t budget_ms = 180'000;  ///< no try begins later than this after the first
  int64_t delay_ms = 100;
  int64_t throttled_delay_ms = 500;
  int64_t delay_max_ms = 20'000;
};

/// The world of a client; all must outlive it.
struct AwsWorld {
  CredentialsProvider& credentials;
  const Clock& clock;
  Waiter& waiter;
  Random& random;
  const std::atomic<bool>* cancelled = nullptr;  ///< ends waiting and transfers; may be null
};

struct AwsRequest {
  std::string service{};
  std::string region{};
  std::string method = "GET";
  std::string scheme = "https";
  std::string host{};  ///< with a port that is not the scheme's own
  std::string path = "/";
  std::string query{};
  Headers headers{};  ///< without Host
  std::string_view body{};
  std::string payload_hash{};  ///< hex SHA-256 of the body; empty: computed here
  uint64_t response_bytes_max = 64 << 20;
  int64_t timeout_ms = 0;
  bool json = false;  ///< errors come as JSON, not as XML
};

struct AwsAnswer {
  HttpResponse response{};
  aws::ServiceError error{};  ///< of status 300 and above

  bool ok() const { return response.status / 100 == 2; }

  /// The refusal as an Error: `cannot DOING: CODE: the service's words`, and a hint where one
  /// helps.
  Error refusal(std::string_view doing) const;
};

/// Thread-safe.
class AwsClient {
 public:
  /// `http` must outlive this; `rate_limit` may be null.
  AwsClient(HttpClient& http, AwsWorld world, RetryOptions retries,
            RateLimit* rate_limit = nullptr);

  /// The service's answer, also a refusal that another try would not change. Fails with
  /// `unavailable` when all tries failed, and as credentials and HttpClient::send() do. A clock
  /// that is wrong and keys that expired are mended once.
  Result<AwsAnswer> send(const AwsRequest& request);

  /// As SystemWaiter does, but ends early when cancelled.
  void wait_ms(int64_t millis);

 private:
  Result<HttpResponse> try_once(const AwsRequest& request, const aws::Credentials& credentials);
  int64_t delay_ms(int attempt, bool throttled, const Headers& headers);
  bool cancelled() const;

  HttpClient& http_;
  const AwsWorld world_;
  const RetryOptions retries_;
  RateLimit* const rate_limit_;
  std::atomic<int64_t> clock_offset_us_{0};  ///< the service's clock minus ours
};

}  // namespace cairn::io
