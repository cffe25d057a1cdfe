#include "server/server.h"

#include "server/internal/shared.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace cairn::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using internal::Arrival;
using internal::Shared;

constexpr auto kPauseWithoutDescriptors = std::chrono::milliseconds(100);

Error bad_address(std::string_view text) {
  return Error{
      ErrorKind::invalid_argument,
      fmt::format("invalid address '{}': expected HOST:PORT\nhint: such as 127.0.0.1:8080 or "
                  "[::1]:8080",
                  text)};
}

Result<tcp::endpoint> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return bad_address(text);
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (wrong != std::errc() || end != digits.data() + digits.size() || port > 65535)
    return bad_address(text);
  error_code code;
  const auto address = asio::ip::make_address(std::string(host), code);
  if (code) return bad_address(text);
  return tcp::endpoint(address, static_cast<unsigned short>(port));
}

Error cannot_listen(std::string_view address, const error_code& code) {
  const bool denied = code == boost::system::errc::permission_denied;
  std::string_view hint;
  if (denied) hint = "\nhint: ports below 1024 are for root; name another one with --listen";
  if (code == boost::system::errc::address_in_use)
    hint = "\nhint: another program has the port; name another one with --listen";
  if (code == boost::system::errc::address_not_available)
    hint = "\nhint: no network of this machine has the address; 0.0.0.0 is all that it has";
  return Error{denied ? ErrorKind::permission_denied : ErrorKind::unavailable,
               fmt::format("cannot listen on {}: {}{}", address, code.message(), hint)};
}

Result<std::shared_ptr<asio::ssl::context>> tls_of(const ServerOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty())
    return Error{ErrorKind::invalid_argument,
                 "TLS needs both a certificate and its key\n"
                 "hint: give --tls-certificate and --tls-key together"};
  if (options.tls_certificate.empty()) return std::shared_ptr<asio::ssl::context>();
  return internal::make_tls_context(options.tls_certificate, options.tls_key);
}

/// Bound and listening.
Result<std::unique_ptr<tcp::acceptor>> open_acceptor(asio::io_context& io, const std::string& text,
                                                     bool plain, const ServerOptions& options) {
  const auto endpoint = CAIRN_TRY(parse_address(text));
  if (plain && !endpoint.address().is_loopback() && !options.allow_plain)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("{} can be reached by others, and there is no TLS\n"
                             "hint: give --tls-certificate and --tls-key, or --allow-plain where "
                             "something before it does TLS",
                             text)};
  error_code code;
  auto acceptor = std::make_unique<tcp::acceptor>(io);
  acceptor->open(endpoint.protocol(), code);
  if (!code) acceptor->set_option(tcp::acceptor::reuse_address(true), code);
  if (!code) acceptor->bind(endpoint, code);
  if (!code) acceptor->listen(asio::socket_base::max_listen_connections, code);
  if (code) return cannot_listen(text, code);
  return acceptor;
}

class AsioServer final : public Server {
 public:
  explicit AsioServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  ~AsioServer() override { stop(0); }

  Status listen();
  Status reload_tls() override;
  bool stop(int64_t grace_ms) override;

  const std::vector<std::string>& addresses() const override { return addresses_; }

  void run() {
    for (auto& acceptor : acceptors_) accept(*acceptor);
    for (int i = 0; i < shared_->options.io_threads; ++i)
      threads_.emplace_back([this] { io_.run(); });
  }

 private:
  void accept(tcp::acceptor& acceptor);
  /// Whether there is room for one more connection, of its address too. Returns nullopt for one
  /// that is closed without an answer.
  std::optional<Arrival> admit(const tcp::socket& socket);
  void end_sessions(bool now);

  std::shared_ptr<Shared> shared_;
  asio::io_context io_;
  /// Answers come from the pool, also when nothing else is going on.
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors_;
  std::vector<std::string> addresses_;
  std::vector<std::thread> threads_;
  std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;
  bool stopped_ = false;
};

Status AsioServer::reload_tls() {
  auto context = CAIRN_TRY(tls_of(shared_->options));
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(context);
  return {};
}

Status AsioServer::listen() {
  CAIRN_TRY(reload_tls());
  for (const auto& text : shared_->options.listen) {
    auto acceptor = CAIRN_TRY(open_acceptor(io_, text, !tls_, shared_->options));
    error_code code;
    const auto bound = acceptor->local_endpoint(code);
    addresses_.push_back(bound.address().is_v6()
                             ? fmt::format("[{}]:{}", bound.address().to_string(), bound.port())
                             : fmt::format("{}:{}", bound.address().to_string(), bound.port()));
    acceptors_.push_back(std::move(acceptor));
  }
  return {};
}

void AsioServer::accept(tcp::acceptor& acceptor) {
  acceptor.async_accept(
      asio::make_strand(io_), [this, &acceptor](error_code code, tcp::socket socket) {
        if (shared_->stopping || code == asio::error::operation_aborted) return;
        if (code) {  // no descriptors left, most likely: some will be when connections end
          shared_->metrics.add("cairn_http_accept_failures_total", {}, 1);
          const auto timer = std::make_shared<asio::steady_timer>(io_, kPauseWithoutDescriptors);
          timer->async_wait([this, &acceptor, timer](error_code cancelled) {
            if (!cancelled && !shared_->stopping) accept(acceptor);
          });
          return;
        }
        shared_->metrics.add("cairn_http_connections_total", {}, 1);
        std::shared_ptr<asio::ssl::context> tls;
        {
          const std::lock_guard lock(tls_mutex_);
          tls = tls_;
        }
        if (auto arrival = admit(socket))
          internal::serve(shared_, std::move(socket), tls, *std::move(arrival));
        accept(acceptor);
      });
}

std::optional<Arrival> AsioServer::admit(const tcp::socket& socket) {
  const auto& limits = shared_->options.limits;
  const auto& proxies = shared_->options.trusted_proxies;
  Arrival arrival;
  error_code failed;
  const auto endpoint = socket.remote_endpoint(failed);
  const auto address = failed ? std::nullopt : parse_ip(endpoint.address().to_string());
  if (!address) return std::nullopt;  // it has gone again
  arrival.remote = ip_text(*address);
  const bool trusted = std::any_of(proxies.begin(), proxies.end(), [&](const Network& network) {
    return network.contains(*address);
  });
  if (!trusted) arrival.share = share_of(*address);
  size_t alive = 0;
  size_t of_share = 0;
  {
    const std::lock_guard lock(shared_->mutex);
    alive = shared_->sessions.size();
    const auto known = shared_->share_sessions.find(arrival.share);
    if (!trusted && known != shared_->share_sessions.end()) of_share = known->second;
  }
  // One more than a limit is answered so; far more than that are not worth a handshake.
  const auto is_far_above = [](size_t count, size_t max) { return count >= max + max / 10 + 16; };
  if (is_far_above(alive, limits.connections_max) ||
      is_far_above(of_share, limits.address_connections_max)) {
    shared_->metrics.add("cairn_http_refused_total", {{"reason", "dropped"}}, 1);
    return std::nullopt;
  }
  if (of_share >= limits.address_connections_max) arrival.refusal = "address_connections";
  if (alive >= limits.connections_max) arrival.refusal = "connections";
  return arrival;
}

void AsioServer::end_sessions(bool now) {
  const std::lock_guard lock(shared_->mutex);
  for (auto* const session : shared_->sessions) session->end(now);
}

bool AsioServer::stop(int64_t grace_ms) {
  if (std::exchange(stopped_, true)) return true;
  shared_->stopping = true;
  asio::post(io_, [this] {
    error_code ignored;
    for (auto& acceptor : acceptors_) acceptor->close(ignored);
  });
  end_sessions(false);
  bool clean = false;
  {
    std::unique_lock lock(shared_->mutex);
    clean = shared_->none_left.wait_for(lock, std::chrono::milliseconds(grace_ms),
                                        [this] { return shared_->sessions.empty(); });
  }
  if (!clean) end_sessions(true);
  shared_->pool.join();  // handlers cannot be cut off
  {
    std::unique_lock lock(shared_->mutex);
    shared_->none_left.wait_for(lock, std::chrono::seconds(5),
                                [this] { return shared_->sessions.empty(); });
  }
  io_.stop();
  for (auto& thread : threads_) thread.join();
  return clean;
}

void describe_numbers(Metrics& metrics) {
  const auto counter = [&](const char* name, const char* help) {
    metrics.describe(name, "counter", help);
  };
  const auto gauge = [&](const char* name, const char* help) {
    metrics.describe(name, "gauge", help);
  };
  counter("cairn_http_requests_total", "Requests answered.");
  metrics.describe("cairn_http_request_seconds", "histogram",
                   "From a request's head to the end of its answer.");
  counter("cairn_http_refused_total",
          "Connections and requests that were not given to their operation, by reason.");
  counter("cairn_http_connections_total", "Connections accepted.");
  counter("cairn_http_accept_failures_total", "Connections that could not be accepted.");
  counter("cairn_http_tls_failures_total", "TLS handshakes that failed.");
  counter("cairn_http_received_bytes_total", "Bytes of requests' bodies.");
  counter("cairn_http_sent_bytes_total", "Bytes of answers' bodies.");
  counter("cairn_access_log_lines_dropped_total",
          "Lines of the access log that were dropped because its writer could not keep up.");
  gauge("cairn_http_connections", "Open connections.");
  gauge("cairn_http_requests_in_flight", "Requests that are being worked on or wait for a thread.");
  gauge("cairn_http_bodies_bytes", "Memory taken by bodies of requests.");
  gauge("cairn_http_bodies_limit_bytes", "Memory that bodies of requests may take.");
  for (const auto* const reason : internal::kRefusalReasons)
    metrics.add("cairn_http_refused_total", {{"reason", reason}}, 0);
  for (const auto* const name : {"cairn_http_connections_total", "cairn_http_accept_failures_total",
                                 "cairn_http_tls_failures_total", "cairn_http_received_bytes_total",
                                 "cairn_http_sent_bytes_total"})
    metrics.add(name, {}, 0);
}

void set_numbers(Shared& state, Metrics& all) {
  size_t alive = 0;
  {
    const std::lock_guard lock(state.mutex);
    alive = state.sessions.size();
  }
  all.set("cairn_http_connections", {}, static_cast<double>(alive));
  all.set("cairn_http_requests_in_flight", {}, static_cast<double>(state.queued.load()));
  all.set("cairn_http_bodies_bytes", {}, static_cast<double>(state.bodies.bytes()));
  all.set("cairn_http_bodies_limit_bytes", {},
          static_cast<double>(state.bodies.limits().bytes_max));
  all.set("cairn_access_log_lines_dropped_total", {},
          static_cast<double>(state.access_log.dropped()));
}

}  // namespace

Status Server::check(const ServerOptions& options) {
  const auto tls = CAIRN_TRY(tls_of(options));
  asio::io_context io;
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;  // together: two may be the same
  for (const auto& text : options.listen) {
    auto acceptor = CAIRN_TRY(open_acceptor(io, text, tls == nullptr, options));
    acceptors.push_back(std::move(acceptor));
  }
  return {};
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, aws::RequestHandler& handler,
                                              const io::Clock& clock, AccessLog& access_log,
                                              Metrics& metrics, BodyBudget& bodies) {
  describe_numbers(metrics);
  auto shared =
      std::make_shared<Shared>(std::move(options), handler, clock, access_log, metrics, bodies);
  auto server = std::make_unique<AsioServer>(shared);
  CAIRN_TRY(server->listen());
  metrics.on_read([weak = std::weak_ptr<Shared>(shared)](Metrics& all) {
    if (const auto state = weak.lock()) set_numbers(*state, all);
  });
  server->run();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace cairn::server
