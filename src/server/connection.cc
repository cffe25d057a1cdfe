// One connection: a request is read, answered by a thread of the pool, and the answer written,
// again and again. Everything but the answering runs on the connection's strand.
#include "aws/http_date.h"
#include "base/gzip.h"
#include "base/text.h"
#include "base/time.h"
#include "server/internal/http_head.h"
#include "server/internal/shared.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
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
constexpr uint64_t kDrainBytesMax = 1 << 20;
constexpr int64_t kDrainMillis = 2'000;
constexpr int64_t kWatchMillis = 200;
constexpr size_t kCompressFrom = 1'024;
constexpr int kCompressLevel = 4;

// A line end in a header would end it.
std::string header_text(std::string_view value) {
  std::string out;
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

// What the client sent is not HTTP, as against a client that went away.
bool is_protocol_error(const error_code& code) {
  return code && code.category() == http::make_error_code(http::error::bad_chunk).category() &&
         code != http::error::end_of_stream && code != http::error::partial_message;
}

bool accepts_gzip(const aws::Headers& headers) {
  return to_lower(aws::find_header(headers, "accept-encoding")).find("gzip") != std::string::npos;
}

template <class Stream>
constexpr bool kIsTls = !std::is_same_v<Stream, tcp::socket>;

using TlsStream = asio::ssl::stream<tcp::socket>;

template <class Stream>
class Connection final : public Session, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(std::shared_ptr<Shared> shared, Stream stream,
             std::shared_ptr<asio::ssl::context> context, bool refused)
      : shared_(std::move(shared)),
        context_(std::move(context)),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        watch_(stream_.get_executor()),
        refused_(refused) {
    const std::lock_guard lock(shared_->mutex);
    shared_->sessions.insert(this);
  }

  ~Connection() override {
    give_back();
    const std::lock_guard lock(shared_->mutex);
    shared_->sessions.erase(this);
    if (shared_->sessions.empty()) shared_->none_left.notify_all();
  }

  void begin() {
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
  using Self = std::shared_ptr<Connection>;

  tcp::socket& socket() {
    if constexpr (kIsTls<Stream>)
      return stream_.next_layer();
    else
      return stream_;
  }

  const ServerLimits& limits() const { return shared_->options.limits; }

  /// After `millis` what is going on is cancelled and `timed_out_` set.
  void arm(int64_t millis) {
    timed_out_ = false;
    timer_.expires_after(std::chrono::milliseconds(millis));
    timer_.async_wait([weak = this->weak_from_this(), number = ++arming_](error_code code) {
      const auto self = weak.lock();
      if (code || !self || self->arming_ != number) return;
      self->timed_out_ = true;
      error_code ignored;
      self->socket().cancel(ignored);
    });
  }

  void disarm() {
    ++arming_;
    timer_.cancel();
  }

  void greet() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    const auto remote = socket().remote_endpoint(ignored);
    auto address = remote.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    remote_ = address.to_string();
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
    if (refused_) return refuse(aws::HttpFault::too_many_requests);
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
    arm(limits().header_timeout_ms);
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
      if (end > limits().header_bytes_max) return refuse(aws::HttpFault::header_too_large);
      return take_head(end);
    }
    if (buffer_.size() > limits().header_bytes_max) {
      disarm();
      return refuse(aws::HttpFault::header_too_large);
    }
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](error_code code, size_t bytes) {
                              self->buffer_.commit(bytes);
                              if (code && self->timed_out_)
                                return self->refuse(aws::HttpFault::timed_out);
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
    request.remote_address = remote_;
    request.received_us = began_us_;
    request.request_id = io::make_uuid(shared_->random);
    request.tls = tls_;
    if (request.tls && request.tls->host.empty())
      request.tls->host = aws::find_header(request.headers, "host");
    if (fault) return refuse(*fault);
    const auto body_max = shared_->handler.body_bytes_max(request);
    if (head_.content_length.value_or(0) > body_max) return refuse(aws::HttpFault::body_too_large);
    if (!head_.has_body) return dispatch();
    // A body without a length may become as large as it is let.
    reserved_ = head_.content_length.value_or(body_max);
    if (shared_->body_bytes.fetch_add(reserved_) + reserved_ > limits().bodies_bytes_max)
      return refuse(aws::HttpFault::too_many_requests);
    parser_->body_limit(body_max);
    arm(limits().body_timeout_ms +
        static_cast<int64_t>(reserved_ * 1000 / limits().least_bytes_per_second));
    if (head_.expects_continue && buffer_.size() == 0) return write_continue();
    read_body();
  }

  void write_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = this->shared_from_this()](error_code code, size_t /*bytes*/) {
                        if (code) return self->close();
                        self->read_body();
                      });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code code, size_t /*bytes*/) {
                       self->disarm();
                       if (code == http::error::body_limit)
                         return self->refuse(aws::HttpFault::body_too_large);
                       if (code && self->timed_out_) return self->refuse(aws::HttpFault::timed_out);
                       if (is_protocol_error(code)) return self->refuse(aws::HttpFault::malformed);
                       if (code) return self->close();
                       self->head_.request.body = std::move(self->parser_->get().body());
                       self->dispatch();
                     });
  }

  // To a thread of the pool, and back with the answer.
  void dispatch() {
    if (shared_->queued.fetch_add(1) >=
        limits().requests_queued_max + static_cast<size_t>(shared_->options.handler_threads)) {
      --shared_->queued;
      return refuse(aws::HttpFault::too_many_requests);
    }
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
      } catch (const std::exception&) {  // the last resort: memory, a fault of ours
        response = aws::ServerResponse{.status = 500, .error_code = "InternalFailure"};
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

  /// Answers what was not understood, or is too much, and closes.
  void refuse(aws::HttpFault fault) {
    disarm();
    if (began_us_ == 0) began_us_ = shared_->clock.now_us();
    if (head_.request.request_id.empty()) head_.request.request_id = io::make_uuid(shared_->random);
    shared_->metrics.add("cairn_http_refused_total",
                         {{"fault", std::to_string(static_cast<int>(fault))}}, 1);
    answer(shared_->handler.refuse(fault, head_.request), true);
  }

  void give_back() { shared_->body_bytes -= std::exchange(reserved_, 0); }

  void answer(aws::ServerResponse response, bool closes) {
    response_ = std::move(response);
    ++answered_;
    const auto& request = head_.request;
    closes_ = closes || !head_.keep_alive || shared_->stopping ||
              answered_ >= limits().requests_per_connection_max;
    const bool bodiless = response_.status == 204 || response_.status == 304;
    std::string_view encoding;
    if (!response_.stream && response_.body.size() >= kCompressFrom &&
        accepts_gzip(request.headers) &&
        aws::find_header(response_.headers, "content-encoding").empty() &&
        request.method != "HEAD" && response_.service != "s3") {
      std::string packed;
      if (Gzip(kCompressLevel).compress(response_.body, packed).ok()) {
        response_.body = std::move(packed);
        encoding = "gzip";
      }
    }
    const uint64_t length = response_.stream ? response_.stream_bytes : response_.body.size();
    const auto reason =
        http::obsolete_reason(static_cast<http::status>(static_cast<unsigned>(response_.status)));
    text_ = fmt::format("HTTP/1.1 {} {}\r\n", response_.status,
                        std::string_view(reason.data(), reason.size()));
    for (const auto& [name, value] : response_.headers)
      text_ += fmt::format("{}: {}\r\n", header_text(name), header_text(value));
    text_ += fmt::format("Date: {}\r\nServer: cairn\r\nx-amzn-RequestId: {}\r\n",
                         aws::http_date(shared_->clock.now_us()), request.request_id);
    if (!encoding.empty()) text_ += fmt::format("Content-Encoding: {}\r\n", encoding);
    if (!bodiless && aws::find_header(response_.headers, "content-length").empty())
      text_ += fmt::format("Content-Length: {}\r\n", length);
    text_ += closes_ ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
    bytes_out_ = 0;
    const bool sends_body = request.method != "HEAD" && !bodiless;
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
    const auto& request = head_.request;
    const auto took = shared_->clock.now_us() - began_us_;
    shared_->access_log.write(
        {.time_us = began_us_,
         .remote = remote_,
         .method = request.method,
         .target = request.target,
         .user_agent = std::string(aws::find_header(request.headers, "user-agent")),
         .tls = tls_ ? tls_->version : "",
         .request_id = request.request_id,
         .status = response_.status,
         .bytes_in = bytes_in_,
         .bytes_out = bytes_out_,
         .took_us = took,
         .service = response_.service,
         .operation = response_.operation,
         .access_key_id = response_.access_key_id,
         .error_code = cut ? "ClientGone" : response_.error_code});
    const Labels labels = {{"service", response_.service}, {"operation", response_.operation}};
    shared_->metrics.add("cairn_http_requests_total",
                         {{"service", response_.service},
                          {"operation", response_.operation},
                          {"status", fmt::format("{}xx", response_.status / 100)}},
                         1);
    shared_->metrics.observe_seconds("cairn_http_request_seconds", labels,
                                     static_cast<double>(took) / 1e6);
    shared_->metrics.add("cairn_http_received_bytes_total", {}, static_cast<double>(bytes_in_));
    shared_->metrics.add("cairn_http_sent_bytes_total", {}, static_cast<double>(bytes_out_));
    const bool closes = std::exchange(closes_, false) || cut;
    response_ = {};
    head_ = {};
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
    if constexpr (kIsTls<Stream>) {
      arm(kDrainMillis);
      stream_.async_shutdown([self = this->shared_from_this()](error_code /*code*/) {
        self->disarm();
        self->close();
      });
    } else {
      error_code ignored;
      socket().shutdown(tcp::socket::shutdown_send, ignored);
      drained_ = 0;
      arm(kDrainMillis);
      drain();
    }
  }

  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](error_code code, size_t bytes) {
                              self->drained_ += bytes;
                              if (code || self->drained_ > kDrainBytesMax) {
                                self->disarm();
                                return self->close();
                              }
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
  asio::steady_timer timer_;
  asio::steady_timer watch_;
  std::shared_ptr<std::atomic<bool>> gone_;  ///< of the request that is being answered
  const bool refused_;
  uint64_t arming_ = 0;
  bool timed_out_ = false;
  bool idle_ = false;
  bool closes_ = false;
  std::string remote_;
  std::optional<aws::TlsDetails> tls_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Head head_;
  aws::ServerResponse response_;
  std::string text_;
  int64_t began_us_ = 0;
  uint64_t reserved_ = 0;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
  uint64_t drained_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace

void serve(std::shared_ptr<Shared> shared, tcp::socket socket,
           std::shared_ptr<asio::ssl::context> context, bool refused) {
  if (context) {
    TlsStream stream(std::move(socket), *context);
    std::make_shared<Connection<TlsStream>>(std::move(shared), std::move(stream),
                                            std::move(context), refused)
        ->begin();
  } else {
    std::make_shared<Connection<tcp::socket>>(std::move(shared), std::move(socket), nullptr,
                                              refused)
        ->begin();
  }
}

}  // namespace cairn::server::internal
