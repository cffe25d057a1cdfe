// What all connections of a server share.
#pragma once

#include "aws/http_message.h"
#include "io/clock.h"
#include "io/random.h"
#include "server/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace cairn::server::internal {

class Session;

struct Shared {
  Shared(ServerOptions wanted, aws::RequestHandler& answers, const io::Clock& time, AccessLog& log,
         Metrics& numbers, BodyBudget& memory)
      : options(std::move(wanted)),
        handler(answers),
        clock(time),
        access_log(log),
        metrics(numbers),
        bodies(memory),
        pool(static_cast<size_t>(options.handler_threads)) {}

  const ServerOptions options;
  aws::RequestHandler& handler;
  const io::Clock& clock;
  AccessLog& access_log;
  Metrics& metrics;
  BodyBudget& bodies;
  io::SystemRandom random;
  boost::asio::thread_pool pool;
  std::atomic<bool> stopping{false};
  std::atomic<size_t> queued{0};  ///< requests that wait for a thread, or are at one

  // The sessions that live, for the end.
  std::mutex mutex;
  std::condition_variable none_left;
  std::set<Session*> sessions;
  std::map<std::string, size_t> share_sessions;  ///< how many of them by share; none of 0
};

/// Why connections and requests are refused, as the metric names it.
inline constexpr const char* kRefusalReasons[] = {
    "malformed",   "header_too_large",    "body_too_large", "unsupported", "slow_head",
    "slow_body",   "head_check",          "queue",          "bodies",      "address_bodies",
    "connections", "address_connections", "dropped",
};

/// A connection that was accepted.
struct Arrival {
  std::string remote{};   ///< the other end's address, without port
  std::string share{};    ///< that it counts for; "" for a trusted proxy
  std::string refusal{};  ///< why it is one too many; "" if it is not
};

/// A connection. It lives as long as something is to happen on it.
class Session {
 public:
  virtual ~Session() = default;

  /// Any thread. Ends when nothing was begun; with `now`, whatever is going on.
  virtual void end(bool now) = 0;
};

/// Serves the connection from now on. `context` null: plain. One that is refused is answered so.
void serve(std::shared_ptr<Shared> shared, boost::asio::ip::tcp::socket socket,
           std::shared_ptr<boost::asio::ssl::context> context, Arrival arrival);

/// Fails with `corrupt`, `not_found`, `permission_denied`.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& certificate,
                                                                    const std::string& key);

}  // namespace cairn::server::internal
