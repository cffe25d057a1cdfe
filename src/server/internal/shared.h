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
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace cairn::server::internal {

class Session;

struct Shared {
  Shared(ServerOptions wanted, aws::RequestHandler& answers, const io::Clock& time, AccessLog& log,
         Metrics& numbers)
      : options(std::move(wanted)),
        handler(answers),
        clock(time),
        access_log(log),
        metrics(numbers),
        pool(static_cast<size_t>(options.handler_threads)) {}

  const ServerOptions options;
  aws::RequestHandler& handler;
  const io::Clock& clock;
  AccessLog& access_log;
  Metrics& metrics;
  io::SystemRandom random;
  boost::asio::thread_pool pool;
  std::atomic<bool> stopping{false};
  std::atomic<size_t> queued{0};  ///< requests that wait for a thread, or are at one
  std::atomic<uint64_t> body_bytes{0};

  // The sessions that live, for the end.
  std::mutex mutex;
  std::condition_variable none_left;
  std::set<Session*> sessions;
};

/// A connection. It lives as long as something is to happen on it.
class Session {
 public:
  virtual ~Session() = default;

  /// Any thread. Ends when nothing was begun; with `now`, whatever is going on.
  virtual void end(bool now) = 0;
};

/// Serves the connection from now on. `context` null: plain. `refused`: it is one too many, and is
/// told so.
void serve(std::shared_ptr<Shared> shared, boost::asio::ip::tcp::socket socket,
           std::shared_ptr<boost::asio::ssl::context> context, bool refused);

/// Fails with `corrupt`, `not_found`, `permission_denied`.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& certificate,
                                                                    const std::string& key);

}  // namespace cairn::server::internal
