// HTTP/1.1 over TCP and TLS: connections, limits, access log, metrics. What a request means is its
// handler's business.
#pragma once

#include "aws/http_message.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/random.h"
#include "server/access_log.h"
#include "server/body_budget.h"
#include "server/metrics.h"
#include "server/networks.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::server {

struct ServerLimits {
  size_t connections_max = 10'000;
  /// From one address (share_of() names it). Trusted proxies have as many as they like.
  size_t address_connections_max = 2'500;
  size_t requests_queued_max = 1'024;    ///< that wait for a handler's thread
  uint64_t header_bytes_max = 64 << 10;  ///< request line and headers
  uint64_t requests_per_connection_max = 100'000;
  int64_t header_timeout_ms = 20'000;  ///< from its first byte to its end; also of TLS handshakes
  int64_t idle_timeout_ms = 75'000;    ///< between requests
  /// Heads and bodies keep their least rate over each such span, unless they end within it.
  int64_t pace_ms = 10'000;
  uint64_t head_bytes_per_second_min = 64;
  uint64_t body_bytes_per_second_min = 16 << 10;
  int64_t body_wait_ms = 2'000;       ///< that a body waits for room in the BodyBudget
  int64_t write_timeout_ms = 60'000;  ///< of each piece of an answer, 1 MiB at most
};

struct ServerOptions {
  /// `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:0` (0: any free port).
  std::vector<std::string> listen{};
  std::string tls_certificate{};  ///< PEM chain; with `tls_key`, else plain HTTP
  std::string tls_key{};
  bool allow_plain = false;                ///< plain HTTP on addresses that others reach
  std::vector<Network> trusted_proxies{};  ///< whose X-Forwarded-For and -Proto count
  int io_threads = 2;
  int handler_threads = 16;
  ServerLimits limits{};
};

class Server {
 public:
  /// Whether start() could listen and has what it needs for TLS; fails as it would. Nothing is
  /// listened on when it returns.
  static Status check(const ServerOptions& options);

  /// Listens and answers until stop(). Borrows all but the options. Fails with `invalid_argument`
  /// (addresses, plain HTTP for others), `permission_denied`, `unavailable` (address in use),
  /// `corrupt` (certificate or key).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, aws::RequestHandler& handler,
                                               const io::Clock& clock, AccessLog& access_log,
                                               Metrics& metrics, BodyBudget& bodies);
  virtual ~Server() = default;

  /// What was bound: `127.0.0.1:41234`, in the order of `listen`.
  virtual const std::vector<std::string>& addresses() const = 0;

  /// Takes no more connections, lets requests that are being read or answered end, for so long;
  /// then closes what is left. True when nothing had to be cut off.
  virtual bool stop(int64_t grace_ms) = 0;

  /// Reads certificate and key again, for connections from now on.
  virtual Status reload_tls() = 0;
};

}  // namespace cairn::server
