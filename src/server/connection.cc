// One connection: a request is read, answered by a thread of the pool, and the answer written,
// again and again. Everything but the answering runs on the connection's strand.
//
// How a body is read. What the head can prove is checked first, by a thread of the pool: a request
// without a signature, or with one that cannot hold, is answered before any of its body is waited
// for. Then memory is taken from the BodyBudget in steps, each as large as what has arrived so far;
// Content-Length only limits the last of them. A step for which there is no room waits a short
// time and is then refused. While bytes are waited for they have to keep a least rate over each
// window of time. A body that came together with its head takes nothing from the budget: the read
// buffer of each connection holds it anyway.
#include "base/text.h"
#include "base/time.h"
#include "server/internal/http_answer.h"
#include "server/internal/http_head.h"
#include "server/internal/note_answer.h"
#include "server/internal/pace_timer.h"
#include "server/internal/shared.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

namespace cairn::server::internal {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kFirstReadBytes = 2048;
constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kKeptBufferBytes = 16 << 10;
constexpr uint64_t kDrainBytesMax = 8 << 20;
constexpr int64_t kDrainMillis = 2'000;
constexpr int64_t kWatchMillis = 200;
constexpr int64_t kRoomMillis = 25;  // between two tries to get memory for a body

// What the client sent is not HTTP, as against a client that went away.
bool is_protocol_error(const error_code& code) {
  return code && code.category() == http::make_error_code(http::error::bad_chunk).category() &&
         code != http::error::end_of_stream && code != http::error::partial_message;
}

template <class Stream>
constexpr bool kIsTls = !std::is_same_v<Stream, tcp::socket>;

using TlsStream = asio::ssl::stream<tcp::socket>;

template <class Stream>
class Connection final : public Session, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(std::shared_ptr<Shared> shared, Stream stream,
             std::shared_ptr<asio::ssl::context> context, Arrival arrival)
      : shared_(std::move(shared)),
        context_(std::move(context)),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        watch_(stream_.get_executor()),
        arrival_(std::move(arrival)) {
    const std::lock_guard lock(shared_->mutex);
    shared_->sessions.insert(this);
    if (!arrival_.share.empty()) ++shared_->share_sessions[arrival_.share];
  }

  ~Connection() override {
    give_back();
    const std::lock_guard lock(shared_->mutex);
    shared_->sessions.erase(this);
    const auto share = shared_->share_sessions.find(arrival_.share);
    if (share != shared_->share_sessions.end() && --share->second == 0)
      shared_->share_sessions.erase(share);
    if (shared_->sessions.empty()) shared_->none_left.notify_all();
  }

  void begin() {
    timer_.on_expiry([weak = this->weak_from_this()] {
      const auto self = weak.lock();
      error_code ignored;
      if (self) self->socket().cancel(ignored);
    });
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->greet(); });
  }

  // The server holds the lock under which sessions are registered, so `this` is alive, but its last
  // owner may be letting go of it: then there is nothing to end.
  void end(bool now) override {
    auto self = this->weak_from_this().lock();
    if (!self) return;
    asio::post(stream_.get_executor(), [self = std::move(self), now] {
      if (now || self->idle_) self->close();
    });
  }

 private:
  tcp::socket& socket() {
    if constexpr (kIsTls<Stream>)
      return stream_.next_layer();
    else
      return stream_;
  }

  const ServerLimits& limits() const { return shared_->options.limits; }

  void arm(int64_t millis) { timer_.arm(millis); }

  void disarm() { timer_.disarm(); }

  /// What a least rate comes to in a window.
  uint64_t bytes_in_window(uint64_t bytes_per_second) const {
    return bytes_per_second * static_cast<uint64_t>(limits().pace_ms) / 1000;
  }

  void greet() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (kIsTls<Stream>) {
      arm(limits().header_timeout_ms);
      stream_.async_handshake(
          asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code code) {
            self->disarm();
            if (code) {
              self->shared_->metrics.add("cairn_http_tls_failures_total", {}, 1);
              return self->close();
            }
            self->note_tls();
            self->wait();
          });
    } else {
      wait();
    }
  }

  void note_tls() {
    if constexpr (kIsTls<Stream>) {
      auto* const native = stream_.native_handle();
      const char* const host = SSL_get_servername(native, TLSEXT_NAMETYPE_host_name);
      tls_ = aws::TlsDetails{SSL_get_version(native), SSL_get_cipher_name(native),
                             host == nullptr ? "" : host};
    }
  }

  // For the first byte of a request.
  void wait() {
    if (!arrival_.refusal.empty())
      return refuse(aws::HttpFault::too_many_requests, arrival_.refusal);
    if (shared_->stopping && buffer_.size() == 0) return close();
    if (buffer_.size() > 0) return begin_head();
    if (buffer_.capacity() > kKeptBufferBytes) buffer_.shrink_to_fit();
    idle_ = true;
    arm(limits().idle_timeout_ms);
    stream_.async_read_some(buffer_.prepare(kFirstReadBytes),
                            [self = this->shared_from_this()](error_code code, size_t bytes) {
                              self->disarm();
                              self->idle_ = false;
                              if (code) return self->close();
                              self->buffer_.commit(bytes);
                              self->begin_head();
                            });
  }

  void begin_head() {
    const auto window_ms = std::min(limits().pace_ms, limits().header_timeout_ms);
    timer_.arm(Pace{.window_ms = window_ms,
                    .bytes_min = bytes_in_window(limits().head_bytes_per_second_min),
                    .windows_max = limits().header_timeout_ms / window_ms});
    read_head_bytes();
  }

  std::string_view held() const {
    const auto bytes = buffer_.data();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
  }

  void read_head_bytes() {
    const auto end = find_head_end(held());
    if (end != std::string_view::npos) {
      disarm();
      if (end > limits().header_bytes_max)
        return refuse(aws::HttpFault::header_too_large, "header_too_large");
      return take_head(end);
    }
    if (buffer_.size() > limits().header_bytes_max)
      return refuse(aws::HttpFault::header_too_large, "header_too_large");
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](error_code code, size_t bytes) {
                              self->buffer_.commit(bytes);
                              self->timer_.count(bytes);
                              if (self->timer_.expired())
                                return self->refuse(aws::HttpFault::timed_out, "slow_head");
                              if (code) return self->close();
                              self->read_head_bytes();
                            });
  }

  void take_head(size_t end) {
    head_ = {};
    parser_.emplace();
    began_us_ = shared_->clock.now_us();
    const auto fault = read_head(held().substr(0, end), *parser_, head_);
    buffer_.consume(end);
    auto& request = head_.request;
    origin_ = origin_of(arrival_.remote, request.headers, shared_->options.trusted_proxies);
    request.remote_address = origin_.address;
    request.received_us = began_us_;
    request.request_id = io::make_uuid(shared_->random);
    request.tls = tls_;
    if (request.tls && request.tls->host.empty())
      request.tls->host = aws::find_header(request.headers, "host");
    if (fault) return refuse(*fault, reason_of(*fault));
    body_bytes_max_ = shared_->handler.body_bytes_max(request);
    if (head_.content_length.value_or(0) > body_bytes_max_)
      return refuse(aws::HttpFault::body_too_large, "body_too_large");
    if (!head_.has_body) return dispatch();
    parser_->body_limit(body_bytes_max_);
    came_whole_ = head_.content_length && buffer_.size() >= *head_.content_length;
    if (came_whole_) return begin_body();
    check_head();
  }

  static const char* reason_of(aws::HttpFault fault) {
    if (fault == aws::HttpFault::header_too_large) return "header_too_large";
    return fault == aws::HttpFault::unsupported ? "unsupported" : "malformed";
  }

  /// Counts one more request for the pool; refuses it if too many wait there.
  bool enter_pool() {
    if (shared_->queued.fetch_add(1) <
        limits().requests_queued_max + static_cast<size_t>(shared_->options.handler_threads))
      return true;
    --shared_->queued;
    refuse(aws::HttpFault::too_many_requests, "queue");
    return false;
  }

  /// Lets the handler look at the head before any of the body is waited for.
  void check_head() {
    if (!enter_pool()) return;
    asio::post(shared_->pool, [self = this->shared_from_this()] {
      std::optional<aws::ServerResponse> refusal;
      try {
        refusal = self->shared_->handler.check_head(self->head_.request);
      } catch (const std::exception& fault) {
        refusal = self->answer_to_fault(fault);
      }
      --self->shared_->queued;
      auto* const raw = self.get();
      asio::post(raw->stream_.get_executor(),
                 [self = std::move(self), refusal = std::move(refusal)]() mutable {
                   if (!refusal) return self->begin_body();
                   self->count_refusal("head_check");
                   self->answer(*std::move(refusal), true);
                 });
    });
  }

  void begin_body() {
    room_since_.reset();
    if (head_.expects_continue && buffer_.size() == 0) return write_continue();
    pace_body();
    read_body();
  }

  void pace_body() {
    timer_.arm(Pace{.window_ms = limits().pace_ms,
                    .bytes_min = bytes_in_window(limits().body_bytes_per_second_min)});
  }

  void write_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    arm(limits().write_timeout_ms);
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = this->shared_from_this()](error_code code, size_t /*bytes*/) {
                        if (code) return self->close();
                        self->pace_body();
                        self->read_body();
                      });
  }

  void read_body() {
    if (!came_whole_ && !make_room()) return;
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](error_code code, size_t bytes) {
                            self->timer_.count(bytes);
                            if (code == http::error::body_limit)
                              return self->refuse(aws::HttpFault::body_too_large, "body_too_large");
                            if (self->timer_.expired() && !self->parser_->is_done())
                              return self->refuse(aws::HttpFault::timed_out, "slow_body");
                            if (is_protocol_error(code))
                              return self->refuse(aws::HttpFault::malformed, "malformed");
                            if (code) return self->close();
                            if (!self->parser_->is_done()) return self->read_body();
                            self->disarm();
                            self->head_.request.body = std::move(self->parser_->get().body());
                            self->dispatch();
                          });
  }

  /// Whether the body's string has room for the next read. If not, memory for it is taken, which
  /// may take a while and goes on with read_body().
  bool make_room() {
    auto& body = parser_->get().body();
    const uint64_t end = head_.content_length.value_or(body_bytes_max_);
    const uint64_t next = std::max<uint64_t>(kReadBytes, buffer_.capacity());
    const uint64_t held = body.size();
    if (booked_ >= std::min(end, held + next)) {
      body.reserve(booked_);
      return true;
    }
    const uint64_t wanted = std::min(end, std::max(held + next, 2 * held));
    if (booked_ == 0) booked_share_ = share_of_client();
    const auto grant = shared_->bodies.take(booked_share_, wanted - booked_);
    if (grant == BodyBudget::Grant::given) {
      booked_ = wanted;
      body.reserve(booked_);
      if (std::exchange(room_since_, std::nullopt)) pace_body();
      return true;
    }
    disarm();
    const auto now = std::chrono::steady_clock::now();
    if (!room_since_) room_since_ = now;
    if (now - *room_since_ >= std::chrono::milliseconds(limits().body_wait_ms)) {
      const bool all = grant == BodyBudget::Grant::all_taken;
      refuse(aws::HttpFault::too_many_requests, all ? "bodies" : "address_bodies");
      return false;
    }
    watch_.expires_after(std::chrono::milliseconds(kRoomMillis));
    watch_.async_wait([self = this->shared_from_this()](error_code code) {
      if (!code) self->read_body();
    });
    return false;
  }

  /// The share that the request's client draws from.
  std::string share_of_client() const {
    const auto address = parse_ip(origin_.address);
    return address ? share_of(*address) : origin_.address;
  }

  // To a thread of the pool, and back with the answer.
  void dispatch() {
    if (!enter_pool()) return;
    bytes_in_ = head_.request.body.size();
    gone_ = std::make_shared<std::atomic<bool>>(false);
    head_.request.client_gone = gone_;
    watch_client();
    asio::post(shared_->pool, [self = this->shared_from_this()] {
      auto& request = self->head_.request;
      aws::ServerRequest own = request;  // its headers are still needed here, its body is not
      own.body = std::move(request.body);
      request.body.clear();
      aws::ServerResponse response;
      try {
        response = self->shared_->handler.handle(std::move(own));
      } catch (const std::exception& fault) {
        response = self->answer_to_fault(fault);
      }
      --self->shared_->queued;
      auto* const raw = self.get();
      asio::post(raw->stream_.get_executor(),
                 [self = std::move(self), response = std::move(response)]() mutable {
                   self->gone_.reset();
                   self->watch_.cancel();
                   self->give_back();
                   self->answer(std::move(response), false);
                 });
    });
  }

  /// The last resort: memory, a fault of ours.
  aws::ServerResponse answer_to_fault(const std::exception& fault) {
    shared_->handler.report(head_.request, fault.what());
    return shared_->handler.refuse(aws::HttpFault::failed, head_.request);
  }

  /// Looks now and then whether the client is still there, while its request is worked on. One that
  /// has closed only its own side counts as gone: bytes that it sent do not tell the two apart.
  void watch_client() {
    watch_.expires_after(std::chrono::milliseconds(kWatchMillis));
    watch_.async_wait([weak = this->weak_from_this(), gone = gone_](error_code code) {
      const auto self = weak.lock();
      if (code || !self || self->gone_ != gone) return;
      pollfd state{.fd = self->socket().native_handle(), .events = POLLRDHUP, .revents = 0};
      if (poll(&state, 1, 0) > 0 &&
          (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) {
        *gone = true;
        return;
      }
      self->watch_client();
    });
  }

  /// Answers what was not understood, or is too much, and closes. `reason`: of kRefusalReasons.
  void refuse(aws::HttpFault fault, const std::string& reason) {
    disarm();
    if (began_us_ == 0) began_us_ = shared_->clock.now_us();
    auto& request = head_.request;
    if (request.request_id.empty()) request.request_id = io::make_uuid(shared_->random);
    if (origin_.address.empty()) origin_.address = arrival_.remote;
    count_refusal(reason);
    answer(shared_->handler.refuse(fault, request), true);
  }

  void count_refusal(const std::string& reason) {
    shared_->metrics.add("cairn_http_refused_total", {{"reason", reason}}, 1);
  }

  void give_back() { shared_->bodies.give_back(booked_share_, std::exchange(booked_, 0)); }

  void answer(aws::ServerResponse response, bool closes) {
    response_ = std::move(response);
    ++answered_;
    const auto& request = head_.request;
    closes_ = closes || !head_.keep_alive || shared_->stopping ||
              answered_ >= limits().requests_per_connection_max;
    // A body that was refused is not kept until its client has taken the answer.
    if (closes) parser_.reset();
    give_back();
    const auto encoding = compress_body(request, response_);
    text_ = answer_head(request, response_, encoding,
                        {.now_us = shared_->clock.now_us(), .closes = closes_});
    bytes_out_ = 0;
    const bool sends_body = !has_no_body(request, response_);
    if (!sends_body) response_.stream.reset();
    const std::array<asio::const_buffer, 2> parts = {
        asio::buffer(text_),
        sends_body && !response_.stream ? asio::buffer(response_.body) : asio::const_buffer()};
    if (sends_body && !response_.stream) bytes_out_ = response_.body.size();
    write(parts);
  }

  template <class Buffers>
  void write(const Buffers& buffers) {
    arm(limits().write_timeout_ms);
    asio::async_write(stream_, buffers,
                      [self = this->shared_from_this()](error_code code, size_t /*bytes*/) {
                        self->disarm();
                        if (code) {
                          self->response_.error_code = "ClientGone";
                          self->finish(true);
                          return self->close();
                        }
                        self->write_more();
                      });
  }

  // The next piece of a body that is read as it goes.
  void write_more() {
    if (!response_.stream) return finish(false);
    asio::post(shared_->pool, [self = this->shared_from_this()] {
      auto piece = self->response_.stream->next();
      auto* const raw = self.get();
      asio::post(raw->stream_.get_executor(),
                 [self = std::move(self), piece = std::move(piece)]() mutable {
                   if (!piece.ok()) {  // the client sees that bytes are missing
                     self->shared_->handler.report(self->head_.request, piece.error().message());
                     self->response_.error_code = "InternalFailure";
                     self->finish(true);
                     return self->close();
                   }
                   if (piece.value().empty()) {
                     self->response_.stream.reset();
                     return self->finish(false);
                   }
                   self->text_ = std::move(piece).value();
                   self->bytes_out_ += self->text_.size();
                   self->write(std::array<asio::const_buffer, 1>{asio::buffer(self->text_)});
                 });
    });
  }

  // The answer is written, or cannot be.
  void finish(bool cut) {
    note_answer(*shared_, {.request = head_.request,
                           .response = response_,
                           .origin = origin_,
                           .peer = arrival_.remote,
                           .tls = tls_ ? tls_->version : "",
                           .began_us = began_us_,
                           .bytes_in = bytes_in_,
                           .bytes_out = bytes_out_});
    const bool closes = std::exchange(closes_, false) || cut;
    response_ = {};
    head_ = {};
    origin_ = {};
    text_ = {};
    parser_.reset();
    bytes_in_ = 0;
    began_us_ = 0;
    if (cut) return;
    if (!closes) return wait();
    say_goodbye();
  }

  // Closing with bytes unread would take the answer away from a client that is still sending, so
  // some of them are read first.
  void say_goodbye() {
    arm(kDrainMillis);
    if constexpr (kIsTls<Stream>) {
      stream_.async_shutdown(
          [self = this->shared_from_this()](error_code /*code*/) { self->begin_drain(); });
    } else {
      begin_drain();
    }
  }

  /// On the connection below TLS: what still comes is not decrypted.
  void begin_drain() {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    drained_ = 0;
    drain();
  }

  void drain() {
    buffer_.clear();
    socket().async_read_some(buffer_.prepare(kReadBytes), [self = this->shared_from_this()](
                                                              error_code code, size_t bytes) {
      self->drained_ += bytes;
      if (code || self->timer_.expired() || self->drained_ > kDrainBytesMax) return self->close();
      self->drain();
    });
  }

  void close() {
    disarm();
    give_back();
    error_code ignored;
    socket().close(ignored);
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<asio::ssl::context> context_;  ///< outlives the stream
  Stream stream_;
  PaceTimer timer_;
  asio::steady_timer watch_;
  std::shared_ptr<std::atomic<bool>> gone_;  ///< of the request that is being answered
  const Arrival arrival_;
  bool idle_ = false;
  bool closes_ = false;
  Origin origin_;  ///< of the request that is being read or answered
  std::optional<aws::TlsDetails> tls_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Head head_;
  aws::ServerResponse response_;
  std::string text_;
  int64_t began_us_ = 0;
  uint64_t body_bytes_max_ = 0;
  bool came_whole_ = false;  ///< the body came with its head
  uint64_t booked_ = 0;      ///< taken from the budget
  std::string booked_share_;
  std::optional<std::chrono::steady_clock::time_point> room_since_;  ///< waits for memory
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
  uint64_t drained_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace

void serve(std::shared_ptr<Shared> shared, tcp::socket socket,
           std::shared_ptr<asio::ssl::context> context, Arrival arrival) {
  if (context) {
    TlsStream stream(std::move(socket), *context);
    std::make_shared<Connection<TlsStream>>(std::move(shared), std::move(stream),
                                            std::move(context), std::move(arrival))
        ->begin();
  } else {
    std::make_shared<Connection<tcp::socket>>(std::move(shared), std::move(socket), nullptr,
                                              std::move(arrival))
        ->begin();
  }
}

}  // namespace cairn::server::internal
