// A tiny HTTP server on 127.0.0.1 for tests: says what the test tells it to, also wrongly.
#pragma once

#include "aws/sigv4.h"
#include "base/check.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::io::testing {

struct Received {
  std::string method{};
  std::string target{};  ///< path and query
  aws::Headers headers{};
  std::string body{};
  int connection = 0;  ///< which one it came on, from 0
};

struct Reply {
  int status = 200;
  aws::Headers headers{};
  std::string body{};
  bool reset = false;        ///< no answer at all: the connection is reset
  size_t cut_at = SIZE_MAX;  ///< of the body: closes behind so many bytes
  bool stalls = false;       ///< the body's last byte does not come, until the client goes
};

class HttpServer {
 public:
  using Handler = std::function<Reply(const Received&)>;

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAIRN_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    CAIRN_CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    CAIRN_CHECK(::listen(listener_, 64) == 0);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  ~HttpServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    for (const int connection : connections_) ::close(connection);
    ::close(listener_);
  }

  std::string url(std::string_view path = "") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

  /// All requests up to now.
  std::vector<Received> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

  int connections() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(connections_.size());
  }

 private:
  void accept_all() {
    while (!stopping_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) continue;
      // A reply is sent in pieces; without this each piece waits for the client's delayed ACK.
      const int on = 1;
      ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const std::lock_guard lock(mutex_);
      const auto number = static_cast<int>(connections_.size());
      connections_.push_back(connection);
      threads_.emplace_back([this, connection, number] { serve(connection, number); });
    }
  }

  static bool fill(int connection, std::string& buffer) {
    char bytes[65536];
    const auto count = ::recv(connection, bytes, sizeof bytes, 0);
    if (count > 0) buffer.append(bytes, static_cast<size_t>(count));
    return count > 0;
  }

  static bool read_request(int connection, std::string& buffer, Received& out) {
    size_t head_end = 0;
    while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!fill(connection, buffer)) return false;
    const auto first_end = buffer.find("\r\n");
    const auto line = buffer.substr(0, first_end);
    out.method = line.substr(0, line.find(' '));
    out.target = line.substr(out.method.size() + 1, line.rfind(' ') - out.method.size() - 1);
    for (size_t at = first_end + 2; at < head_end + 2;) {
      const auto end = buffer.find("\r\n", at);
      const auto colon = buffer.find(':', at);
      out.headers.push_back(
          {buffer.substr(at, colon - at), buffer.substr(colon + 2, end - colon - 2)});
      at = end + 2;
    }
    const auto length = aws::find_header(out.headers, "content-length");
    const size_t body = length.empty() ? 0 : std::stoul(std::string(length));
    while (buffer.size() < head_end + 4 + body)
      if (!fill(connection, buffer)) return false;
    out.body = buffer.substr(head_end + 4, body);
    buffer.erase(0, head_end + 4 + body);
    return true;
  }

  static void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  /// Waits until the client, or this server's end, closes the connection.
  static void stall(int connection) {
    std::string ignored;
    while (fill(connection, ignored)) {
    }
  }

  // False: the connection is over.
  static bool answer(int connection, const Received& request, const Reply& reply) {
    if (reply.reset) {
      const linger hard{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      ::shutdown(connection, SHUT_RD);
      return false;
    }
    auto head = fmt::format("HTTP/1.1 {} X\r\n", reply.status);
    bool sized = false;
    for (const auto& [name, value] : reply.headers) {
      head += fmt::format("{}: {}\r\n", name, value);
      sized = sized || equals_ignoring_case(name, "content-length");
    }
    if (!sized) head += fmt::format("Content-Length: {}\r\n", reply.body.size());
    send_all(connection, head + "\r\n");
    if (request.method == "HEAD") return true;
    const auto body = std::string_view(reply.body).substr(0, reply.cut_at);
    if (reply.stalls && !body.empty()) {
      send_all(connection, body.substr(0, body.size() - 1));
      stall(connection);
      return false;
    }
    send_all(connection, body);
    return body.size() == reply.body.size();
  }

  void serve(int connection, int number) {
    std::string buffer;
    for (;;) {
      Received request{.connection = number};
      if (!read_request(connection, buffer, request)) break;
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(request);
      }
      const auto reply = handler_(request);
      if (answer(connection, request, reply)) continue;
      break;
    }
    // With a reset due, close() itself must send it; the number is not given away again before the
    // end, so that the destructor closes no other's.
    const std::lock_guard lock(mutex_);
    const int placeholder = ::dup(listener_);
    ::dup2(placeholder, connection);
    ::close(placeholder);
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> connections_;
  std::vector<Received> received_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace cairn::io::testing
