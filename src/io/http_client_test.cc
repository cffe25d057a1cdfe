#include "io/http_client.h"

#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace cairn::io {
namespace {

using testing::FakeTime;
using testing::HttpServer;
using testing::Received;
using testing::Reply;

TEST(HttpClient, UsesConnectionsAgain) {
  HttpServer server([](const Received& request) -> Reply { return {.body = request.target}; });
  const auto client = make_http_client({});
  for (int i = 0; i < 20; ++i) {
    const auto response = client->send({.url = server.url("/a%20b?c=d")});
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response.value().body, "/a%20b?c=d");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, HoldsToItsNumberOfConnections) {
  std::atomic<int> begun{0};
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  std::latch callers(12);
  std::latch first(3);
  HttpServer server([&](const Received&) -> Reply {
    const int here = ++now;
    for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
    }
    if (++begun <= 3) {  // until there are three, and all threads have begun
      first.arrive_and_wait();
      callers.wait();
    }
    --now;
    return {};
  });
  const auto client = make_http_client({.connections_max = 3});
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&] {
      callers.count_down();
      for (int k = 0; k < 5; ++k) good += client->send({.url = server.url()}).ok() ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 60);
  EXPECT_EQ(most, 3);
  EXPECT_LE(server.connections(), 3);
}

TEST(HttpClient, SendsMethodHeadersAndBody) {
  HttpServer server([](const Received&) -> Reply {
    return {.status = 418, .headers = {{"X-Answer", " a:b "}}, .body = "tea"};
  });
  const auto client = make_http_client({.user_agent = "cairn/1"});
  for (const std::string method : {"PUT", "POST", "DELETE", "GET"}) {
    const bool with_body = method[0] == 'P';
    const auto response = client->send({.method = method,
                                        .url = server.url("/x"),
                                        .headers = {{"X-A", "1"}, {"X-Bad", "a\r\nX-Evil: 1"}},
                                        .body = with_body ? "body" : ""});
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response.value().status, 418);
    EXPECT_EQ(aws::find_header(response.value().headers, "x-answer"), "a:b");
    EXPECT_EQ(response.value().body, "tea");
    const auto request = server.received().back();
    EXPECT_EQ(request.method, method);
    EXPECT_EQ(request.body, with_body ? "body" : "");
    EXPECT_EQ(aws::find_header(request.headers, "x-a"), "1");
    EXPECT_EQ(aws::find_header(request.headers, "x-evil"), "");
    EXPECT_EQ(aws::find_header(request.headers, "user-agent"), "cairn/1");
    EXPECT_EQ(aws::find_header(request.headers, "expect"), "");
  }
}

TEST(HttpClient, StreamsIntoASink) {
  const std::string text(1 << 20, 'x');
  HttpServer server([&](const Received&) -> Reply { return {.body = text}; });
  const auto client = make_http_client({});
  std::string got;
  auto response = client->send(
      {.url = server.url(), .response_bytes_max = 2 << 20, .sink = [&](std::string_view piece) {
         got += piece;
         return true;
       }});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(got, text);
  EXPECT_EQ(response.value().body, "");
  response = client->send({.url = server.url(), .sink = [](std::string_view) { return false; }});
  EXPECT_EQ(response.error().kind(), ErrorKind::exhausted);
}

TEST(HttpClient, RefusesWhatIsTooLarge) {
  HttpServer server([](const Received&) -> Reply { return {.body = std::string(1001, 'x')}; });
  const auto client = make_http_client({});
  EXPECT_TRUE(client->send({.url = server.url(), .response_bytes_max = 1001}).ok());
  const auto refused = client->send({.url = server.url("/k?secret"), .response_bytes_max = 1000});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(refused.error().message(),
            "GET " + server.url("/k") + ": the answer is above the limit of 1.0 kB");
}

TEST(HttpClient, GivesUpOnSilence) {
  HttpServer server([](const Received&) -> Reply { return {.body = "slow", .stalls = true}; });
  const auto response = make_http_client({.idle_timeout_ms = 300})->send({.url = server.url("/k")});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(response.error().message(), "GET " + server.url("/k") + ": nothing came for 300 ms");
  const auto limited = make_http_client({})->send({.url = server.url("/k"), .timeout_ms = 30});
  EXPECT_EQ(limited.error().kind(), ErrorKind::unavailable);
}

TEST(HttpClient, ACancelledTransferEnds) {
  std::atomic<bool> cancelled{false};
  HttpServer server([&](const Received&) -> Reply {
    cancelled = true;
    return {.body = "slow", .stalls = true};
  });
  const auto response = make_http_client({}, &cancelled)->send({.url = server.url("/k")});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().message(), "GET " + server.url("/k") + ": interrupted");
}

TEST(HttpClient, GoesThroughAProxy) {
  HttpServer proxy([](const Received& request) -> Reply { return {.body = request.target}; });
  const HttpOptions options{.proxy = proxy.url(), .no_proxy = "127.0.0.1"};
  const auto client = make_http_client(options);
  EXPECT_EQ(client->send({.url = "http://bucket.example/k"}).value().body,
            "http://bucket.example/k");
  EXPECT_EQ(client->send({.url = proxy.url("/direct")}).value().body, "/direct");
}

TEST(HttpClient, ErrorsThatLastAreToldApart) {
  const auto client = make_http_client({});
  for (const auto* url : {"", "ftp://x/", "http://u:p@x/", "file:///etc/passwd"})
    EXPECT_EQ(client->send({.url = url}).error().kind(), ErrorKind::invalid_argument) << url;
  HttpServer plain([](const Received&) -> Reply { return {}; });
  const auto bundle = make_http_client({.ca_bundle = "/nowhere.pem"})
                          ->send({.url = "https" + plain.url().substr(4)});
  ASSERT_FALSE(bundle.ok());
  EXPECT_EQ(bundle.error().kind(), ErrorKind::invalid_argument);
  EXPECT_NE(bundle.error().message().find("hint: the CA bundle"), std::string::npos);
}

TEST(HttpDate, IsRead) {
  EXPECT_EQ(parse_http_date("Fri, 14 Mar 2025 10:00:00 GMT"), 1'741'946'400'000'000);
  EXPECT_EQ(parse_http_date("soon"), std::nullopt);
}

TEST(RateLimit, ManyTakersShareIt) {
  FakeTime time;
  RateLimit limit(1000, time);
  const auto begun = time.now_us();
  limit.take(100);  // the bucket's
  EXPECT_EQ(time.now_us(), begun);
  for (int i = 0; i < 10; ++i) limit.take(500);
  EXPECT_EQ(time.now_us() - begun, 5'000'000);
  RateLimit none(0, time);
  none.take(UINT64_MAX);
  EXPECT_EQ(time.now_us() - begun, 5'000'000);
}

}  // namespace
}  // namespace cairn::io
