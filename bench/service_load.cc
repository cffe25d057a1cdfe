// Load on a running `cairn serve`: service_load URL KEYID SECRET SECONDS put CHANNEL-ARN THREADS
//                                  service_load URL KEYID SECRET SECONDS feed THREADS PER-SECOND
//                                  service_load URL KEYID SECRET SECONDS lookup THREADS PER-SECOND
//                                  service_load URL - - SECONDS idle CONNECTIONS
// Prints a line of JSON. Requests are signed and sent over kept connections.
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/time.h"
#include "io/clock.h"
#include "io/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using SteadyClock = std::chrono::steady_clock;

constexpr int kBatch = 100;

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

struct Target {
  std::string url;
  std::string host;
  aws::Credentials credentials;
};

/// Sends one signed request; the status, 0 when there was no answer.
int send(io::HttpClient& http, const Target& target, const std::string& service,
         const std::string& path, const std::string& query, aws::Headers headers,
         const std::string& body) {
  const io::SystemClock clock;
  const auto hash = to_hex(sha256(body));
  headers.push_back({"Host", target.host});
  aws::sign({.method = "POST", .path = path, .query = query, .payload_hash = hash},
            target.credentials,
            {.date_time = aws::amz_date(clock.now_us()), .region = "us-east-1", .service = service},
            headers);
  const auto answer = http.send({.method = "POST",
                                 .url = target.url + path + (query.empty() ? "" : "?" + query),
                                 .headers = headers,
                                 .body = body});
  if (!answer.ok()) return 0;
  if (answer.value().status != 200) fmt::print(stderr, "{}\n", answer.value().body);
  return answer.value().status;
}

/// About 1.5 KB an event, as applications send them.
std::string audit_batch(const std::string& name) {
  std::string body = R"({"auditEvents":[)";
  const std::string filler(900, 'x');
  for (int i = 0; i < kBatch; ++i)
    body += fmt::format(
        R"({}{{"id":"{}-{}","eventData":"{{\"version\":\"1.0\",\"userIdentity\":{{\"type\":\"User\",)"
        R"(\"principalId\":\"p-{}\"}},\"eventSource\":\"app.example\",\"eventName\":\"Login\",)"
        R"(\"eventTime\":\"2026-11-21T05:00:00Z\",\"UID\":\"{}-{}\",\"recipientAccountId\":)"
        R"(\"000000000000\",\"requestParameters\":{{\"text\":\"{}\"}}}}"}})",
        i == 0 ? "" : ",", name, i, i % 50, name, i, filler);
  return body + "]}";
}

/// Management events of now, as Amazon Data Firehose posts them.
std::string feed_batch(const std::string& name) {
  constexpr std::array<const char*, 5> kCalls = {"DescribeInstances", "AssumeRole", "GetObjectAcl",
                                                 "RunInstances", "ListBuckets"};
  const auto now = io::SystemClock().now_us();
  const auto time = format_iso8601(now - now % kMicrosPerSecond);
  const std::string filler(700, 'x');
  std::string body = fmt::format(R"({{"requestId":"{}","timestamp":1,"records":[)", name);
  for (int i = 0; i < kBatch; ++i) {
    const auto record = fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"u{}"}},)"
        R"("eventTime":"{}","eventSource":"ec2.amazonaws.com","eventName":"{}",)"
        R"("awsRegion":"us-east-1","eventID":"{}-{}","eventType":"AwsApiCall",)"
        R"("recipientAccountId":"000000000000","eventCategory":"Management",)"
        R"("requestParameters":{{"text":"{}"}}}})",
        i % 50, time, kCalls[static_cast<size_t>(i) % kCalls.size()], name, i, filler);
    body += fmt::format(R"({}{{"data":"{}"}})", i == 0 ? "" : ",", encode_base64(record));
  }
  return body + "]}";
}

struct Times {
  std::mutex mutex;
  std::vector<double> millis;
  uint64_t failed = 0;

  void add(double one, bool good) {
    const std::lock_guard lock(mutex);
    millis.push_back(one);
    failed += good ? 0 : 1;
  }

  std::string json(double seconds, int events_per_request) {
    std::sort(millis.begin(), millis.end());
    const auto count = static_cast<double>(millis.size());
    const auto at = [&](double share) {
      return millis.empty()
                 ? 0.0
                 : millis[std::min(millis.size() - 1, static_cast<size_t>(share * count))];
    };
    return fmt::format(
        R"({{"requests":{},"failed":{},"seconds":{:.1f},"requests_per_second":{:.0f},)"
        R"("events_per_second":{:.0f},"p50_ms":{:.1f},"p95_ms":{:.1f},"p99_ms":{:.1f},)"
        R"("max_ms":{:.1f}}})",
        millis.size(), failed, seconds, count / seconds, events_per_request * count / seconds,
        at(0.5), at(0.95), at(0.99), at(1));
  }
};

/// Calls `once(thread, number)` on all threads until the time is over; at most so many a second.
template <class Once>
std::string run(int threads, double seconds, double per_second, int events, Once once) {
  Times times;
  const auto begin = SteadyClock::now();
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      const auto http = io::make_http_client({.connections_max = 1});
      while (seconds_since(begin) < seconds) {
        const auto number = next++;
        const auto due = static_cast<double>(number) / per_second - seconds_since(begin);
        if (due > 0) std::this_thread::sleep_for(std::chrono::duration<double>(due));
        const auto started = SteadyClock::now();
        const int status = once(*http, t, number);
        times.add(seconds_since(started) * 1000, status == 200);
      }
    });
  for (auto& thread : all) thread.join();
  return times.json(seconds_since(begin), events);
}

int idle(const Target& target, int connections, double seconds) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto colon = target.host.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(target.host.c_str() + colon + 1)));
  inet_pton(AF_INET, target.host.substr(0, colon).c_str(), &to.sin_addr);
  std::vector<int> sockets;
  for (int i = 0; i < connections; ++i) {
    const int one = socket(AF_INET, SOCK_STREAM, 0);
    if (one < 0 || connect(one, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) break;
    constexpr std::string_view kAsk = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    char answer[1024];
    if (write(one, kAsk.data(), kAsk.size()) < 0 || read(one, answer, sizeof answer) <= 0) break;
    sockets.push_back(one);
  }
  fmt::print("{{\"connections\":{}}}\n", sockets.size());
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  for (const int one : sockets) close(one);
  return sockets.size() == static_cast<size_t>(connections) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 6) return 2;
  Target target;
  target.url = words[0];
  aws::Url url;
  if (!aws::parse_url(target.url, url)) return 2;
  target.host = url.host;
  target.credentials.access_key = words[1];
  target.credentials.secret_key = words[2];
  const double seconds = std::atof(words[3].c_str());
  if (words[4] == "idle") return idle(target, std::atoi(words[5].c_str()), seconds);
  if (words.size() < 7) return 2;
  if (words[4] == "put") {
    const double per_second = words.size() > 7 ? std::atof(words[7].c_str()) : 1e9;
    const auto query = "channelArn=" + aws::uri_encode(words[5]);
    fmt::print("{}\n", run(std::atoi(words[6].c_str()), seconds, per_second, kBatch,
                           [&](io::HttpClient& http, int thread, uint64_t number) {
                             return send(
                                 http, target, "cloudtrail-data", "/PutAuditEvents", query,
                                 {{"Content-Type", "application/json"}},
                                 audit_batch(fmt::format("{}-{}-{}", getpid(), thread, number)));
                           }));
    return 0;
  }
  if (words[4] == "feed") {
    fmt::print("{}\n",
               run(std::atoi(words[5].c_str()), seconds, std::atof(words[6].c_str()), kBatch,
                   [&](io::HttpClient& http, int thread, uint64_t number) {
                     const auto name = fmt::format("{}-{}-{}", getpid(), thread, number);
                     const auto body = feed_batch(name);
                     const auto answer = http.send(
                         {.method = "POST",
                          .url = target.url + "/firehose",
                          .headers = {{"Content-Type", "application/json"},
                                      {"X-Amz-Firehose-Request-Id", name},
                                      {"X-Amz-Firehose-Access-Key", words[1] + ':' + words[2]}},
                          .body = body});
                     return answer.ok() ? answer.value().status : 0;
                   }));
    return 0;
  }
  const std::string prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";
  fmt::print("{}\n", run(std::atoi(words[5].c_str()), seconds, std::atof(words[6].c_str()), 0,
                         [&](io::HttpClient& http, int /*thread*/, uint64_t number) {
                           const std::string body =
                               number % 2 == 0
                                   ? R"({"MaxResults":50})"
                                   : R"({"LookupAttributes":[{"AttributeKey":"EventName",)"
                                     R"("AttributeValue":"RunInstances"}]})";
                           return send(http, target, "cloudtrail", "/", "",
                                       {{"Content-Type", "application/x-amz-json-1.1"},
                                        {"X-Amz-Target", prefix + "LookupEvents"}},
                                       body);
                         }));
  return 0;
}
