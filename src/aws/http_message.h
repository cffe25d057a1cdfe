// Requests and answers of HTTP as a server has them: text only, whoever carries it. server/ makes
// them, access/ and api/ work on them.
#pragma once

#include "aws/sigv4.h"
#include "base/result.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::aws {

/// How the client's connection is encrypted, in CloudTrail's words (`tlsDetails`).
struct TlsDetails {
  std::string version{};       ///< "TLSv1.3"
  std::string cipher_suite{};  ///< "TLS_AES_128_GCM_SHA256"
  std::string host{};          ///< what the client asked for (SNI, else Host)
};

struct ServerRequest {
  std::string method{};  ///< upper case
  std::string target{};  ///< path and query as on the wire
  Headers headers{};     ///< in the client's order; repeated ones are repeated
  std::string body{};    ///< as on the wire, but for Transfer-Encoding: chunked, which is undone
  /// The client's, IPv4 or IPv6, without port; behind a trusted proxy, what the proxy says.
  std::string remote_address{};
  std::optional<TlsDetails> tls{};
  int64_t received_us = 0;   ///< when its head was complete, microseconds since 1970
  std::string request_id{};  ///< a UUID made for it; goes back in x-amzn-RequestId
  /// Becomes true when the client has closed its connection: nobody waits for the answer. May be
  /// null.
  std::shared_ptr<const std::atomic<bool>> client_gone{};

  bool abandoned() const { return client_gone && client_gone->load(); }

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }

  std::string_view query() const {
    const auto at = target.find('?');
    return at == std::string::npos ? std::string_view() : std::string_view(target).substr(at + 1);
  }
};

/// A body that is too large to hold. One thread at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;

  /// The next piece, at most 1 MiB; empty at the end.
  virtual Result<std::string> next() = 0;
};

struct ServerResponse {
  int status = 200;
  Headers headers{};  ///< without Content-Length, Date, Connection, which the server adds
  std::string body{};
  std::unique_ptr<BodySource> stream{};  ///< instead of `body`
  uint64_t stream_bytes = 0;             ///< the length of all of it

  // For the access log and the metrics; never sent.
  std::string service{};
  std::string operation{};
  std::string access_key_id{};
  std::string error_code{};
  std::string error_message{};  ///< as the client reads it; S3's, for the records of calls

  /// Why it failed, if that is a fault of the service: for its log, never sent.
  std::string cause{};
};

/// What keeps a server from giving a request to its handler.
enum class HttpFault : uint8_t {
  malformed,          ///< 400
  header_too_large,   ///< 431
  body_too_large,     ///< 413
  length_required,    ///< 411
  timed_out,          ///< 408
  too_many_requests,  ///< 503: more connections or requests than the limits allow
  unsupported,        ///< 501: a transfer or content encoding that is not known
  stopping,           ///< 503
  failed,             ///< 500: a fault of the service
};

/// What answers requests. Thread-safe.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// How large the body of the request may be, told from its head (`body` is empty yet).
  virtual uint64_t body_bytes_max(const ServerRequest& head) = 0;

  /// Returns the answer to a request that its head alone shows to be refused: it has no signature,
  /// or its signature cannot hold. Returns nullopt if the body has to be read first. Is called
  /// before any of a body is waited for; may block as handle() may, and proves nothing that
  /// handle() need not check again.
  virtual std::optional<ServerResponse> check_head(const ServerRequest& head) = 0;

  /// May block; runs on a pool of threads. Does not throw.
  virtual ServerResponse handle(ServerRequest request) = 0;

  /// The answer to a request that was not, or not wholly, understood, in the shape that its client
  /// expects (as far as `head` tells).
  virtual ServerResponse refuse(HttpFault fault, const ServerRequest& head) = 0;

  /// Notes a fault of the service that showed outside of handle(), for the operator.
  virtual void report(const ServerRequest& head, std::string_view fault) = 0;
};

}  // namespace cairn::aws
