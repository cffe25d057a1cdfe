// HTTP and HTTPS requests, by libcurl. Connections are kept and used again.
#pragma once

#include "aws/sigv4.h"
#include "base/result.h"
#include "io/rate_limit.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::io {

using aws::Header;
using aws::Headers;

struct HttpOptions {
  std::string ca_bundle{};  ///< PEM file of trusted authorities; empty: the system's
  /// `http://[user:password@]host:port`; empty: none. The environment is not asked.
  std::string proxy{};
  std::string no_proxy{};  ///< hosts, comma-separated, that need none
  int connections_max = 16;
  int64_t connect_timeout_ms = 10'000;
  int64_t idle_timeout_ms = 60'000;  ///< gives up when not a byte came for so long
  std::string user_agent = "cairn";
};

struct HttpRequest {
  std::string method = "GET";
  std::string url{};  ///< http or https, percent-encoded
  Headers headers{};  ///< sent as they are; one with an empty value is left out
  std::string_view body{};
  /// Bodies above this fail with `exhausted`.
  uint64_t response_bytes_max = 64 << 20;
  int64_t timeout_ms = 0;  ///< for all of it; 0: only the idle timeout
  /// Takes a body of status 2xx piece by piece instead of `HttpResponse::body`; false ends the
  /// transfer, which then fails with `exhausted`. Bodies of other answers still come as `body`.
  std::function<bool(std::string_view)> sink{};
  RateLimit* rate_limit = nullptr;  ///< of bodies, both ways
};

struct HttpResponse {
  int status = 0;
  Headers headers{};
  std::string body{};
};

/// Thread-safe; a call waits while all connections are busy.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// The answer, whatever its status; redirects are not followed. Fails with `unavailable` when a
  /// later try may work (no connection, a time-out, a body cut short), with `invalid_argument` when
  /// none will (URL, certificate, CA bundle), with `exhausted` for a body above its limit. Messages
  /// name method, host and path: neither query nor headers, which hold secrets.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

/// An HTTP date (RFC 9110 §5.6.7) in microseconds since 1970.
std::optional<int64_t> parse_http_date(const std::string& text);

/// `cancelled` becoming true ends running transfers with `unavailable`; may be null.
std::unique_ptr<HttpClient> make_http_client(HttpOptions options,
                                             const std::atomic<bool>* cancelled = nullptr);

}  // namespace cairn::io
