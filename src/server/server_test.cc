// Over real sockets, with bytes as clients and attackers send them.
#include "server/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <thread>

namespace cairn::server {
namespace {

/// Pieces of 'x'.
class Xs final : public aws::BodySource {
 public:
  explicit Xs(uint64_t bytes) : left_(bytes) {}

  Result<std::string> next() override {
    const auto size = std::min<uint64_t>(left_, 100'000);
    left_ -= size;
    return std::string(size, 'x');
  }

 private:
  uint64_t left_;
};

void change(std::atomic<int>& count, int by) {
  count += by;
  count.notify_all();
}

/// Waits until `count` is `wanted` or more.
void wait_for(const std::atomic<int>& count, int wanted) {
  for (int now = count; now < wanted; now = count) count.wait(now);
}

/// `/held` is answered once the test releases it, `/wait` once its client has gone; the head of
/// `/stranger` is refused, and `/throw` is a fault.
class TestHandler final : public aws::RequestHandler {
 public:
  uint64_t body_bytes_max(const aws::ServerRequest& head) override {
    return head.path() == "/roomy" ? 1 << 20 : 1'000;
  }

  std::optional<aws::ServerResponse> check_head(const aws::ServerRequest& head) override {
    ++heads_checked;
    EXPECT_TRUE(head.body.empty());
    if (head.path() != "/stranger") return std::nullopt;
    aws::ServerResponse response;
    response.status = 403;
    response.body = "who are you?";
    return response;
  }

  void report(const aws::ServerRequest& /*head*/, std::string_view fault) override {
    const std::lock_guard lock(faults_mutex_);
    faults_.emplace_back(fault);
  }

  std::vector<std::string> faults() {
    const std::lock_guard lock(faults_mutex_);
    return faults_;
  }

  aws::ServerResponse handle(aws::ServerRequest request) override {
    ++handled;
    aws::ServerResponse response;
    response.service = "test";
    if (request.path() == "/held") {
      change(held, 1);
      releases.acquire();
    }
    if (request.path() == "/wait") {
      change(waiting, 1);
      // The server looks at the socket now and then.
      for (auto pause = std::chrono::milliseconds(1); !request.abandoned(); pause *= 2)
        std::this_thread::sleep_for(pause);
      change(abandoned, 1);
    }
    if (request.path() == "/stream") {
      response.stream_bytes = 1'000'000;
      response.stream = std::make_unique<Xs>(response.stream_bytes);
    } else if (request.path() == "/large") {
      response.body = std::string(5'000, 'y');
    } else if (request.path() == "/throw") {
      throw std::runtime_error("a fault of ours");
    } else if (request.path() == "/address") {
      response.body = request.remote_address;
    } else if (request.path() == "/roomy") {
      response.body = fmt::format("{} bytes", request.body.size());
    } else if (request.path() == "/split") {
      response.headers = {{"X-A", "1\r\nX-B: 2"}};
    } else {
      response.body = fmt::format("{} {} {}", request.method, request.target, request.body);
    }
    return response;
  }

  aws::ServerResponse refuse(aws::HttpFault fault, const aws::ServerRequest& /*head*/) override {
    return {.status = 400 + static_cast<int>(fault), .body = "refused"};
  }

  std::atomic<int> heads_checked{0};
  std::atomic<int> handled{0};
  std::atomic<int> held{0};  ///< that came, as the others
  std::atomic<int> waiting{0};
  std::atomic<int> abandoned{0};
  std::counting_semaphore<> releases{0};

 private:
  std::mutex faults_mutex_;
  std::vector<std::string> faults_;
};

class Client {
 public:
  explicit Client(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  ~Client() { close(socket_); }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  /// Up to where `until` was read, or the end.
  std::string read(const std::string& until = "") const {
    std::string all;
    char bytes[4096];
    while (until.empty() || all.find(until) == all.npos) {
      const auto got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      all.append(bytes, static_cast<size_t>(got));
    }
    return all;
  }

 private:
  int socket_;
};

class ServerTest : public ::testing::Test {
 protected:
  void start(const ServerLimits& limits = {}, int threads = 4) {
    ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.limits = limits;
    options.handler_threads = threads;
    options.trusted_proxies = proxies_;
    auto server = Server::start(options, handler_, clock_, log_, metrics_, *bodies_);
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(server).value();
  }

  Client client() { return Client(server_->addresses()[0]); }

  static std::string request(const std::string& line, const std::string& rest = "\r\n") {
    return line + " HTTP/1.1\r\nHost: h\r\n" + rest;
  }

  TestHandler handler_;
  io::SystemClock clock_;
  std::vector<std::string> lines_;
  AccessLog log_{[this](const std::string& line) {
    lines_.push_back(line);
    return true;
  }};
  Metrics metrics_;
  std::vector<Network> proxies_;
  std::unique_ptr<BodyBudget> bodies_ = std::make_unique<BodyBudget>(BodyLimits{});
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersOneAfterTheOther) {
  start();
  auto client = this->client();
  client.send(request("GET /a?b=c"));
  const auto first = client.read("/a?b=c");
  EXPECT_EQ(first.substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_NE(first.find("\r\nServer: cairn\r\n"), first.npos);
  EXPECT_NE(first.find("\r\nDate: "), first.npos);
  EXPECT_NE(first.find("\r\nx-amzn-RequestId: "), first.npos);
  // Two at once, the second with a body in chunks.
  client.send(
      request("GET /one") +
      request("POST /two", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_NE(client.read("POST /two abcde").find("GET /one"), std::string::npos);
  client.send(request("GET /last", "Connection: close\r\n\r\n"));
  EXPECT_NE(client.read().find("GET /last"), std::string::npos);  // reads until the close
  EXPECT_EQ(handler_.handled, 4);
}

TEST_F(ServerTest, HeadHasNoBody) {
  start();
  auto client = this->client();
  client.send(request("HEAD /a", "Connection: close\r\n\r\n"));
  const auto answer = client.read();
  EXPECT_NE(answer.find("Content-Length: 8\r\n"), answer.npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, SaysContinueOnceTheBodyIsWelcome) {
  start();
  auto client = this->client();
  client.send(request("PUT /x", "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_NE(client.read("hello").find("200 OK"), std::string::npos);
  client.send(request("PUT /x", "Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read().substr(0, 12), "HTTP/1.1 402");  // body_too_large, and closed
}

TEST_F(ServerTest, ALargeBodyIsRefusedBeforeItIsRead) {
  start();
  auto client = this->client();
  client.send(request("PUT /x", "Content-Length: 1073741824\r\n\r\n"));
  std::string junk(1 << 20, 'z');
  client.send(junk);
  EXPECT_EQ(client.read("refused").substr(0, 12), "HTTP/1.1 402");
  auto chunked = this->client();
  chunked.send(request("PUT /x", "Transfer-Encoding: chunked\r\n\r\n"));
  chunked.send("7D0\r\n" + std::string(2'000, 'z') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read("refused").substr(0, 12), "HTTP/1.1 402");
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  start({.header_bytes_max = 1'000});
  for (const auto& bad :
       {std::string("nonsense\r\n\r\n"), std::string("GET /\r\n\r\n"),
        request("GET /", "Bad Header: x\r\n\r\n"),
        request("POST /", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde")}) {
    auto client = this->client();
    client.send(bad);
    EXPECT_EQ(client.read().substr(0, 12), "HTTP/1.1 400") << bad;
  }
  auto client = this->client();
  client.send(request("GET /", "X: " + std::string(2'000, 'x')));
  EXPECT_EQ(client.read().substr(0, 12), "HTTP/1.1 401");  // header_too_large
  auto chunks = this->client();
  chunks.send(request("POST /", "Transfer-Encoding: chunked\r\n\r\nnot a size\r\n"));
  EXPECT_EQ(chunks.read().substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(ServerTest, SlowClientsAreLetGo) {
  start({.header_timeout_ms = 1});
  auto head = this->client();
  head.send("GET / HT");
  EXPECT_EQ(head.read().substr(0, 12), "HTTP/1.1 404");  // timed_out
  start({.pace_ms = 1, .head_bytes_per_second_min = 1'000'000});
  auto slow = this->client();
  slow.send("GET / HT");
  EXPECT_EQ(slow.read().substr(0, 12), "HTTP/1.1 404");
  start({.pace_ms = 1, .body_bytes_per_second_min = 1'000'000});
  auto body = this->client();
  body.send(request("POST /", "Content-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(body.read().substr(0, 12), "HTTP/1.1 404");
  EXPECT_EQ(bodies_->bytes(), 0U);
  start({.idle_timeout_ms = 1});
  auto idle = this->client();
  EXPECT_EQ(idle.read(), "");
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(ServerTest, BodiesOfStrangersAreNotWaitedFor) {
  start();
  auto idle = this->client();
  idle.send(request("POST /stranger", "Content-Length: 900\r\n\r\n"));
  EXPECT_NE(idle.read().find("403 Forbidden"), std::string::npos);  // and is closed
  auto polite = this->client();
  polite.send(request("POST /stranger", "Content-Length: 900\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(polite.read().substr(0, 12), "HTTP/1.1 403");
  auto chunks = this->client();
  chunks.send(request("POST /stranger", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"));
  EXPECT_EQ(chunks.read().substr(0, 12), "HTTP/1.1 403");
  EXPECT_EQ(handler_.heads_checked, 3);
  EXPECT_EQ(handler_.handled, 0);
  // One that is here already is not worth a look of its own.
  auto whole = this->client();
  whole.send(request("POST /stranger", "Content-Length: 3\r\n\r\nabc"));
  EXPECT_NE(whole.read("POST /stranger abc").find("200 OK"), std::string::npos);
  EXPECT_EQ(handler_.heads_checked, 3);
  EXPECT_NE(metrics_.text().find("cairn_http_refused_total{reason=\"head_check\"} 3\n"),
            std::string::npos);
}

TEST_F(ServerTest, MemoryIsTakenForWhatHasArrived) {
  bodies_ = std::make_unique<BodyBudget>(
      BodyLimits{.bytes_max = 256 << 10, .address_bytes_max = 256 << 10});
  start();
  // Each announces more than there is, and sends next to nothing.
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 8; ++i) {
    idle.push_back(std::make_unique<Client>(server_->addresses()[0]));
    idle.back()->send(
        request("POST /roomy", "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_EQ(idle.back()->read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    idle.back()->send("x");
  }
  auto client = this->client();
  client.send(request("POST /roomy", "Content-Length: 50000\r\n\r\n"));
  client.send(std::string(50'000, 'y'));
  EXPECT_NE(client.read("50000 bytes").find("200 OK"), std::string::npos);
  EXPECT_LE(bodies_->bytes(), 256U << 10);
  EXPECT_GT(bodies_->bytes(), 0U);
}

TEST_F(ServerTest, ABodyWaitsForRoomAndIsThenRefused) {
  bodies_ = std::make_unique<BodyBudget>(
      BodyLimits{.bytes_max = 64 << 10, .address_bytes_max = 64 << 10});
  start({.body_wait_ms = 1});
  auto large = this->client();
  large.send(request("POST /roomy", "Content-Length: 100000\r\n\r\n"));
  large.send(std::string(100'000, 'y'));
  EXPECT_EQ(large.read().substr(0, 12), "HTTP/1.1 405");  // too_many_requests
  EXPECT_EQ(bodies_->bytes(), 0U);
  EXPECT_NE(metrics_.text().find("cairn_http_refused_total{reason=\"address_bodies\"} 1\n"),
            std::string::npos);
  // One that waits long enough gets what another one gives back.
  start({.body_wait_ms = 3'600'000});
  ASSERT_EQ(bodies_->take("another", 64 << 10), BodyBudget::Grant::given);
  auto patient = this->client();
  patient.send(request("POST /roomy", "Content-Length: 20000\r\n\r\n"));
  patient.send(std::string(20'000, 'y'));
  // A body that came with its head needs no room.
  auto small = this->client();
  small.send(request("POST /roomy", "Content-Length: 3\r\n\r\nabc"));
  EXPECT_NE(small.read("3 bytes").find("200 OK"), std::string::npos);
  bodies_->give_back("another", 64 << 10);
  EXPECT_NE(patient.read("20000 bytes").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, ClientsShareMemoryByAddress) {
  bodies_ =
      std::make_unique<BodyBudget>(BodyLimits{.bytes_max = 1 << 20, .address_bytes_max = 40'000});
  proxies_ = {Network::parse("127.0.0.0/8").value()};
  start({.body_wait_ms = 1});
  const auto send = [&](const std::string& from) {
    auto client = this->client();
    client.send(
        request("POST /roomy", "Content-Length: 30000\r\nX-Forwarded-For: " + from + "\r\n\r\n"));
    client.send(std::string(30'000, 'y'));
    return client.read("30000 bytes").substr(0, 12);
  };
  ASSERT_EQ(bodies_->take("198.51.100.7", 20'000), BodyBudget::Grant::given);
  ASSERT_EQ(bodies_->take("2001:db8:0:1::/64", 20'000), BodyBudget::Grant::given);
  EXPECT_EQ(send("198.51.100.7"), "HTTP/1.1 405");
  EXPECT_EQ(send("198.51.100.8"), "HTTP/1.1 200");
  EXPECT_EQ(send("2001:db8:0:1:2:3:4:5"), "HTTP/1.1 405");
  EXPECT_EQ(send("2001:db8:0:2::5"), "HTTP/1.1 200");
  bodies_->give_back("198.51.100.7", 20'000);
  bodies_->give_back("2001:db8:0:1::/64", 20'000);
}

TEST_F(ServerTest, OnlyTrustedProxiesSpeakForOthers) {
  const auto address = [&] {
    auto client = this->client();
    client.send(
        request("GET /address", "X-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"));
    const auto answer = client.read();
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  start();
  EXPECT_EQ(address(), "127.0.0.1");
  proxies_ = {Network::parse("127.0.0.1").value()};
  start();
  EXPECT_EQ(address(), "203.0.113.9");
}

TEST_F(ServerTest, ConnectionsOfAnAddressHaveALimit) {
  start({.address_connections_max = 1});
  auto first = this->client();
  first.send(request("GET /a"));
  EXPECT_NE(first.read("GET /a").find("200 OK"), std::string::npos);
  EXPECT_EQ(this->client().read().substr(0, 12), "HTTP/1.1 405");
  EXPECT_NE(metrics_.text().find("cairn_http_refused_total{reason=\"address_connections\"} 1\n"),
            std::string::npos);
  proxies_ = {Network::parse("127.0.0.1").value()};
  start({.address_connections_max = 1});
  std::vector<std::unique_ptr<Client>> proxied;
  for (int i = 0; i < 4; ++i) {
    proxied.push_back(std::make_unique<Client>(server_->addresses()[0]));
    proxied.back()->send(request("GET /a"));
    EXPECT_NE(proxied.back()->read("GET /a").find("200 OK"), std::string::npos);
  }
}

TEST_F(ServerTest, AFaultIsAnsweredAndReported) {
  start();
  auto client = this->client();
  client.send(request("GET /throw", "Connection: close\r\n\r\n"));
  EXPECT_EQ(client.read().substr(0, 12), "HTTP/1.1 408");  // failed
  EXPECT_EQ(handler_.faults(), std::vector<std::string>{"a fault of ours"});
}

TEST_F(ServerTest, StreamsWhatIsLarge) {
  start();
  auto client = this->client();
  client.send(request("GET /stream", "Connection: close\r\n\r\n"));
  const auto answer = client.read();
  EXPECT_NE(answer.find("Content-Length: 1000000\r\n"), answer.npos);
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 1'000'000U);
}

TEST_F(ServerTest, CompressesForThoseWhoAsk) {
  start();
  auto client = this->client();
  client.send(request("GET /large", "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"));
  const auto answer = client.read();
  EXPECT_NE(answer.find("Content-Encoding: gzip\r\n"), answer.npos);
  EXPECT_LT(answer.size(), 1'000U);
}

TEST_F(ServerTest, AHeaderIsOneLine) {
  start();
  auto client = this->client();
  client.send(request("GET /split", "Connection: close\r\n\r\n"));
  EXPECT_NE(client.read().find("X-A: 1  X-B: 2\r\n"), std::string::npos);
}

TEST_F(ServerTest, ConnectionsHaveALimit) {
  start({.connections_max = 2});
  auto first = this->client();
  auto second = this->client();
  first.send(request("GET /a"));
  second.send(request("GET /b"));
  EXPECT_NE(first.read("GET /a").find("200 OK"), std::string::npos);
  EXPECT_NE(second.read("GET /b").find("200 OK"), std::string::npos);
  auto third = this->client();
  EXPECT_EQ(third.read("refused").substr(0, 12), "HTTP/1.1 405");  // too_many_requests
}

TEST_F(ServerTest, RequestsThatWaitHaveALimit) {
  start({.requests_queued_max = 1}, 1);
  std::atomic<int> refused{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&] {
      auto one = client();
      one.send(request("GET /held", "Connection: close\r\n\r\n"));
      if (one.read().substr(0, 12) == "HTTP/1.1 405") change(refused, 1);
    });
  wait_for(refused, 4);
  handler_.releases.release(6);
  for (auto& one : clients) one.join();
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(handler_.held, 2);
}

TEST_F(ServerTest, StopLetsRequestsEnd) {
  start();
  auto busy = std::make_unique<Client>(server_->addresses()[0]);
  auto idle = this->client();
  idle.send(request("GET /a"));
  EXPECT_NE(idle.read("GET /a").find("200"), std::string::npos);
  busy->send(request("GET /held"));
  wait_for(handler_.held, 1);
  auto stopped = std::async(std::launch::async, [&] { return server_->stop(3'600'000); });
  EXPECT_EQ(idle.read(), "");  // the stop has begun
  handler_.releases.release();
  const auto answer = busy->read();
  EXPECT_NE(answer.find("GET /held"), answer.npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
  busy.reset();  // the server waits for the client's end of the connection
  EXPECT_TRUE(stopped.get());
}

TEST_F(ServerTest, StopCutsOffWhoHoldsItUp) {
  start();
  auto half = this->client();
  half.send(request("POST /", "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(half.read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");  // the server has the head
  half.send("abc");
  EXPECT_FALSE(server_->stop(1));
  EXPECT_EQ(half.read(), "");
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  start();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&, t] {
      Client client(server_->addresses()[0]);
      for (int i = 0; i < 100; ++i) {
        const auto what = fmt::format("{}-{}", t, i);
        client.send(
            request("POST /", fmt::format("Content-Length: {}\r\n\r\n{}", what.size(), what)));
        const auto end = "POST / " + what;
        if (client.read(end).ends_with(end)) ++good;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 1600);
  EXPECT_NE(metrics_.text().find("cairn_http_requests_total{service=\"test\",operation=\"\","
                                 "status=\"2xx\"}"),
            std::string::npos);
}

TEST_F(ServerTest, TellsWhenAClientGoesAway) {
  start();
  auto stays = client();
  for (int round = 0; round < 2; ++round) {
    stays.send(request("GET /held"));
    wait_for(handler_.held, round + 1);
    {
      auto quitter = client();
      auto pipeliner = client();
      quitter.send(request("GET /wait"));
      pipeliner.send(request("GET /wait") + request("GET /a"));
      wait_for(handler_.waiting, 2 * round + 2);
      EXPECT_EQ(handler_.abandoned, 2 * round);
    }
    wait_for(handler_.abandoned, 2 * round + 2);
    // By now the server has looked at the client that stays, too. It is answered, also on a
    // connection on which one request follows the other.
    handler_.releases.release();
    EXPECT_NE(stays.read("GET /held").find("200 OK"), std::string::npos);
  }
}

TEST_F(ServerTest, ChecksBeforeItStarts) {
  start();
  ServerOptions options;
  options.listen = {"127.0.0.1:0", "[::1]:0"};
  EXPECT_TRUE(Server::check(options).ok());
  options.listen = server_->addresses();
  EXPECT_EQ(Server::check(options).error().kind(), ErrorKind::unavailable);
  options.listen = {"127.0.0.1:0"};
  options.tls_certificate = "/nowhere/a.pem";
  EXPECT_EQ(Server::check(options).error().kind(), ErrorKind::invalid_argument);
  options.tls_key = "/nowhere/a.key";
  EXPECT_EQ(Server::check(options).error().kind(), ErrorKind::not_found);
}

TEST_F(ServerTest, PlainHttpIsForThisMachine) {
  ServerOptions options;
  options.listen = {"0.0.0.0:0"};
  const auto refused = Server::start(options, handler_, clock_, log_, metrics_, *bodies_);
  EXPECT_EQ(refused.error().kind(), ErrorKind::invalid_argument);
  options.allow_plain = true;
  EXPECT_TRUE(Server::start(options, handler_, clock_, log_, metrics_, *bodies_).ok());
  for (const auto* const bad : {"8080", "localhost", "127.0.0.1:99999", "host.example:80", ":80"}) {
    options.listen = {bad};
    EXPECT_EQ(Server::start(options, handler_, clock_, log_, metrics_, *bodies_).error().kind(),
              ErrorKind::invalid_argument)
        << bad;
  }
}

}  // namespace
}  // namespace cairn::server
