#include "io/s3_store.h"

#include "base/base64.h"
#include "base/crypto.h"
#include "io/testing/fakes.h"
#include "io/testing/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>

namespace cairn::io {
namespace {

using testing::FakeRandom;
using testing::FakeTime;
using testing::HttpServer;
using testing::Received;
using testing::Reply;

class S3StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<S3Store> open(const std::string& endpoint, S3Options options = {}) {
    options.bucket = "logs";
    options.endpoint = endpoint;
    auto store = open_s3_store(std::move(options), world());
    EXPECT_TRUE(store.ok());
    return std::move(store).value();
  }

  AwsWorld world() { return {*credentials_, time_, time_, random_, &cancelled_}; }

  std::unique_ptr<CredentialsProvider> credentials_ =
      make_static_credentials({.access_key = "AK", .secret_key = "SECRET", .session_token = "TOK"});
  FakeTime time_;
  FakeRandom random_;
  std::atomic<bool> cancelled_{false};
};

Reply error_reply(int status, std::string_view code) {
  return {.status = status, .body = fmt::format("<Error><Code>{}</Code></Error>", code)};
}

// Serves the ranges of one object as S3 does.
Reply range_of(const std::string& object, const Received& request) {
  const std::string range(aws::find_header(request.headers, "range"));
  size_t from = 0;
  size_t to = 0;
  if (std::sscanf(range.c_str(), "bytes=%zu-%zu", &from, &to) != 2)
    return {.headers = {{"ETag", "\"e\""}}, .body = object};
  if (from >= object.size()) return error_reply(416, "InvalidRange");
  to = std::min(to, object.size() - 1);
  return {.status = 206,
          .headers = {{"ETag", "\"e\""},
                      {"Content-Range", fmt::format("bytes {}-{}/{}", from, to, object.size())}},
          .body = object.substr(from, to - from + 1)};
}

std::string many_bytes(size_t count) {
  std::string out(count, '\0');
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<char>(i * 31 >> 3);
  return out;
}

TEST_F(S3StoreTest, ReadsSmallObjectsWithOneSignedRequest) {
  HttpServer server([](const Received& request) { return range_of("hello", request); });
  const auto store = open(server.url(), {.prefix = "/a b/", .requester_pays = true});
  EXPECT_EQ(store->get("x+y", 100).value(), "hello");
  const auto requests = server.received();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].target, "/logs/a%20b/x%2By");
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-request-payer"), "requester");
  EXPECT_EQ(aws::find_header(requests[0].headers, "x-amz-security-token"), "TOK");
  EXPECT_TRUE(aws::find_header(requests[0].headers, "authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AK/20250314/us-east-1/s3/aws4_request, "
                               "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;"
                               "x-amz-request-payer;x-amz-security-token, Signature="));
  EXPECT_EQ(store->uri("x+y"), "s3://logs/a b/x+y");
}

TEST_F(S3StoreTest, ReadsLargeObjectsInPartsAtOnce) {
  const auto object = many_bytes(100'001);
  HttpServer server([&](const Received& request) { return range_of(object, request); });
  const auto store = open(server.url(), {.part_bytes = 1000, .parallel_parts = 4});
  EXPECT_EQ(store->get("k", 1 << 20).value(), object);
  EXPECT_EQ(server.received().size(), 101U);
  EXPECT_LE(server.connections(), 5);
  EXPECT_EQ(aws::find_header(server.received()[50].headers, "if-match"), "\"e\"");
  EXPECT_EQ(store->get_range("k", 99'999, 10).value(), object.substr(99'999));
  EXPECT_EQ(store->get_range("k", 100'001, 10).value(), "");
  EXPECT_EQ(store->get_range("k", 5, 0).value(), "");
  const auto refused = store->get("k", 100'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(refused.error().message(),
            "cannot read s3://logs/k: 100001 bytes are above the limit of 100000");
}

TEST_F(S3StoreTest, AnEmptyObjectIsEmpty) {
  HttpServer server([](const Received& request) { return range_of("", request); });
  EXPECT_EQ(open(server.url())->get("k", 10).value(), "");
}

TEST_F(S3StoreTest, AnObjectReplacedWhileReadIsNoMixture) {
  const auto object = many_bytes(3000);
  HttpServer server([&](const Received& request) {
    if (!aws::find_header(request.headers, "if-match").empty())
      return error_reply(412, "PreconditionFailed");
    return range_of(object, request);
  });
  const auto got = open(server.url(), {.part_bytes = 1000})->get("k", 1 << 20);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().message(), "cannot read s3://logs/k: it was replaced meanwhile");
}

// Whatever goes wrong on the way three times, the fourth time counts.
TEST_F(S3StoreTest, TriesAgain) {
  const std::map<std::string, Reply> faults = {
      {"503", error_reply(503, "SlowDown")},
      {"500", {.status = 500}},
      {"429", {.status = 429, .headers = {{"Retry-After", "2"}}}},
      {"RequestTimeout", error_reply(400, "RequestTimeout")},
      {"reset", {.reset = true}},
      {"truncated", {.body = "hel", .cut_at = 2}},
      {"stalled", {.status = 206, .body = "hello", .stalls = true}},
  };
  for (const auto& [name, fault] : faults) {
    std::atomic<int> asked{0};
    const int failures = name == "stalled" ? 1 : 3;
    HttpServer server([&, reply = fault](const Received& request) {
      return asked++ < failures ? reply : range_of("hello", request);
    });
    const auto before = time_.now_us();
    const auto got = open(server.url(), {.idle_timeout_ms = 500})->get("k", 100);
    ASSERT_TRUE(got.ok()) << name << ": " << got.error().message();
    EXPECT_EQ(got.value(), "hello") << name;
    EXPECT_EQ(asked, failures + 1) << name;
    EXPECT_GT(time_.now_us(), before) << name;
    EXPECT_GE(time_.now_us() - before, name == "429" ? 6'000'000 : 0);
  }
}

TEST_F(S3StoreTest, GivesUpWithinItsBudget) {
  std::atomic<int> asked{0};
  HttpServer server([&](const Received&) {
    ++asked;
    return error_reply(503, "SlowDown");
  });
  auto got = open(server.url())->get("k", 100);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(got.error().message(), "cannot read s3://logs/k: SlowDown");
  EXPECT_EQ(asked, 8);
  asked = 0;
  const auto begun = time_.now_us();
  S3Options patient;
  patient.retries = {.attempts_max = 1000, .budget_ms = 60'000};
  EXPECT_FALSE(open(server.url(), patient)->get("k", 100).ok());
  EXPECT_LE(time_.now_us() - begun, 60'000'000);
  EXPECT_GT(asked, 5);
}

TEST_F(S3StoreTest, CancellingEndsTheTries) {
  HttpServer server([&](const Received&) {
    cancelled_ = true;
    return error_reply(503, "SlowDown");
  });
  EXPECT_FALSE(open(server.url())->get("k", 100).ok());
  EXPECT_EQ(server.received().size(), 1U);
}

TEST_F(S3StoreTest, NoServerIsUnavailableAndSaysWhere) {
  std::string url;
  {
    url = HttpServer([](const Received&) { return Reply(); }).url();
  }
  const auto got = open(url)->get("k", 100);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind(), ErrorKind::unavailable);
  EXPECT_NE(got.error().message().find("GET " + url + "/logs/k: "), std::string::npos);
  EXPECT_NE(got.error().message().find("(tried 8 times)"), std::string::npos);
  EXPECT_EQ(got.error().message().find("SECRET"), std::string::npos);
}

TEST_F(S3StoreTest, RefusalsAreNotTriedAgain) {
  const struct {
    int status;
    std::string_view code;
    ErrorKind kind;
  } cases[] = {{403, "AccessDenied", ErrorKind::permission_denied},
               {404, "NoSuchKey", ErrorKind::not_found},
               {404, "NoSuchBucket", ErrorKind::not_found},
               {400, "InvalidArgument", ErrorKind::invalid_argument},
               {403, "InvalidObjectState", ErrorKind::permission_denied}};

  for (const auto& expected : cases) {
    HttpServer server([&](const Received&) { return error_reply(expected.status, expected.code); });
    const auto got = open(server.url())->get("k", 100);
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().kind(), expected.kind) << expected.code;
    EXPECT_EQ(server.received().size(), 1U);
  }
}

TEST_F(S3StoreTest, GoesToTheBucketsOwnRegion) {
  const std::vector<Reply> ways = {
      {.status = 301, .headers = {{"x-amz-bucket-region", "eu-west-1"}}},
      {.status = 400,
       .body =
           "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"}};
  for (const auto& way : ways) {
    HttpServer server([&](const Received& request) {
      const bool right =
          aws::find_header(request.headers, "authorization").find("/eu-west-1/s3/") !=
          std::string_view::npos;
      return right ? range_of("hello", request) : way;
    });
    const auto store = open(server.url());
    EXPECT_EQ(store->get("k", 100).value(), "hello");
    EXPECT_EQ(store->get("k", 100).value(), "hello");
    EXPECT_EQ(server.received().size(), 3U);  // learnt once
  }
}

TEST_F(S3StoreTest, ARegionThatIsNoNameIsNotFollowed) {
  HttpServer server([](const Received&) {
    return Reply{.status = 301, .headers = {{"x-amz-bucket-region", "evil.example/x"}}};
  });
  EXPECT_FALSE(open(server.url())->get("k", 100).ok());
  EXPECT_EQ(server.received().size(), 1U);
}

TEST_F(S3StoreTest, MendsItsClock) {
  HttpServer server([&](const Received& request) {
    if (aws::find_header(request.headers, "x-amz-date") == "20250314T100000Z")
      return range_of("hello", request);
    auto reply = error_reply(403, "RequestTimeTooSkewed");
    reply.headers = {{"Date", "Fri, 14 Mar 2025 10:00:00 GMT"}};
    return reply;
  });
  EXPECT_EQ(open(server.url())->get("k", 100).value(), "hello");
}

/// Keys that the service calls expired until they were forgotten.
class RenewableCredentials final : public CredentialsProvider {
 public:
  Result<aws::Credentials> get() override {
    if (broken) return Error{ErrorKind::unavailable, "no keys today"};
    return aws::Credentials{.access_key = forgotten ? "NEW" : "OLD", .secret_key = "s"};
  }

  void forget() override { forgotten = true; }

  std::atomic<bool> forgotten{false};
  bool broken = false;
};

TEST_F(S3StoreTest, ExpiredKeysAreFetchedAnewOnce) {
  HttpServer server([](const Received& request) {
    const auto authorization = aws::find_header(request.headers, "authorization");
    return authorization.find("Credential=NEW/") == std::string_view::npos
               ? error_reply(400, "ExpiredToken")
               : range_of("hello", request);
  });
  auto renewable = std::make_unique<RenewableCredentials>();
  auto& keys = *renewable;
  credentials_ = std::move(renewable);
  EXPECT_EQ(open(server.url())->get("k", 100).value(), "hello");
  EXPECT_EQ(server.received().size(), 2U);
  keys.broken = true;
  EXPECT_EQ(open(server.url())->get("k", 100).error().message(), "no keys today");
  EXPECT_EQ(server.received().size(), 2U);
}

TEST_F(S3StoreTest, PutsWithChecksumAndEncryption) {
  HttpServer server([](const Received&) { return Reply(); });
  const auto store =
      open(server.url(), {.encryption = ServerEncryption::kms, .kms_key = "arn:aws:kms:x"});
  ASSERT_TRUE(store->put("k", "bytes").ok());
  const auto request = server.received().at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.body, "bytes");
  EXPECT_EQ(aws::find_header(request.headers, "x-amz-checksum-sha256"),
            encode_base64(sha256("bytes")));
  EXPECT_EQ(aws::find_header(request.headers, "x-amz-content-sha256"), to_hex(sha256("bytes")));
  EXPECT_EQ(aws::find_header(request.headers, "x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(aws::find_header(request.headers, "x-amz-server-side-encryption-aws-kms-key-id"),
            "arn:aws:kms:x");
}

TEST_F(S3StoreTest, PutsLargeObjectsInParts) {
  std::mutex mutex;
  std::map<std::string, std::string> parts;
  std::atomic<int> resets{2};
  HttpServer server([&](const Received& request) -> Reply {
    if (request.target.ends_with("?uploads="))
      return {.body =
                  "<InitiateMultipartUploadResult><UploadId>u+1</UploadId>"
                  "</InitiateMultipartUploadResult>"};
    if (request.method == "POST")
      return {.body =
                  "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"};
    if (resets-- > 0) return {.reset = true};
    const std::lock_guard lock(mutex);
    parts[request.target] = request.body;
    return {.headers = {{"ETag", "\"e\""}}};
  });
  const auto bytes = many_bytes((12 << 20) + 1);
  ASSERT_TRUE(open(server.url(), {.part_bytes = 1})->put("k", bytes).ok());
  std::string together;
  for (const auto& [target, part] : parts) together += part;
  EXPECT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts.begin()->first, "/logs/k?partNumber=1&uploadId=u%2B1");
  EXPECT_EQ(together, bytes);
  EXPECT_NE(server.received().back().body.find("<PartNumber>3</PartNumber>"), std::string::npos);
}

TEST_F(S3StoreTest, AFailedUploadLeavesNoParts) {
  HttpServer server([&](const Received& request) -> Reply {
    if (request.target.ends_with("?uploads="))
      return {.body =
                  "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                  "</InitiateMultipartUploadResult>"};
    return request.method == "DELETE" ? Reply{.status = 204} : error_reply(403, "AccessDenied");
  });
  const auto put = open(server.url())->put("k", std::string(17 << 20, 'x'));
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(server.received().back().method, "DELETE");
  EXPECT_EQ(server.received().back().target, "/logs/k?uploadId=u");
}

TEST_F(S3StoreTest, ListsPageByPage) {
  HttpServer server([](const Received& request) -> Reply {
    if (request.target.find("continuation-token=t%2B1") == std::string::npos)
      return {.body =
                  "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>p/a%2B1"
                  "</Key><Size>1</Size></Contents><IsTruncated>true</IsTruncated>"
                  "<NextContinuationToken>t+1</NextContinuationToken></ListBucketResult>"};
    return {.body =
                "<ListBucketResult><Contents><Key>p/b</Key><Size>2</Size></Contents>"
                "<CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes></ListBucketResult>"};
  });
  const auto store = open(server.url(), {.prefix = "p"});
  std::vector<std::string> keys;
  const auto visit = [&](const ObjectInfo& info) {
    keys.push_back(info.key);
    return true;
  };
  ASSERT_TRUE(store->list("a", "a0", visit).ok());
  EXPECT_EQ(keys, (std::vector<std::string>{"a+1", "b"}));
  EXPECT_EQ(server.received()[0].target,
            "/logs?encoding-type=url&list-type=2&prefix=p%2Fa&start-after=p%2Fa0");
  EXPECT_EQ(store->common_prefixes("").value(), std::vector<std::string>{"c/"});
  keys.clear();
  ASSERT_TRUE(store->list("", "", [&](const ObjectInfo&) { return false; }).ok());
  EXPECT_EQ(server.received().size(), 5U);  // 2, 2, and 1 as it was stopped
}

TEST_F(S3StoreTest, RemovingWhatIsNotThereIsNoFault) {
  HttpServer server([](const Received&) { return error_reply(404, "NoSuchKey"); });
  EXPECT_TRUE(open(server.url())->remove("k").ok());
}

TEST_F(S3StoreTest, HoldsItsBandwidth) {
  const auto object = many_bytes(1 << 20);
  HttpServer server([&](const Received& request) { return range_of(object, request); });
  const auto before = time_.now_us();
  const auto store =
      open(server.url(), {.bandwidth_bytes_per_second = 1 << 18, .part_bytes = 1 << 17});
  EXPECT_EQ(store->get("k", 2 << 20).value(), object);
  EXPECT_GE(time_.now_us() - before, 3'800'000);  // 4 s, less what the bucket held at first
}

TEST_F(S3StoreTest, RefusesWhatCannotWork) {
  const auto kind_of = [&](S3Options options) {
    const auto store = open_s3_store(std::move(options), world());
    return store.ok() ? "ok" : store.error().message();
  };
  EXPECT_EQ(kind_of({.bucket = "a/b"}), "'a/b' is not a bucket's name");
  EXPECT_EQ(kind_of({.bucket = "b", .region = "x/y"}), "'x/y' is not a region's name");
  EXPECT_EQ(kind_of({.bucket = "b", .endpoint = "minio:9000"}),
            "'minio:9000' is not an endpoint; hint: write it as https://host:port");
  const auto store = open("http://127.0.0.1:1");
  for (const std::string key : {"", "/a", "a/../b", ".", "a/."})
    EXPECT_EQ(store->put(key, "").error().kind(), ErrorKind::invalid_argument) << key;
}

TEST(S3Url, IsTakenApart) {
  EXPECT_EQ(parse_s3_url("s3://logs").value().bucket, "logs");
  EXPECT_EQ(parse_s3_url("S3://logs/a/b/").value().prefix, "a/b/");
  EXPECT_FALSE(parse_s3_url("s3:///a").ok());
  EXPECT_EQ(parse_s3_url("logs/a").error().message(),
            "'logs/a' is not an S3 location\nhint: write it as s3://bucket/prefix");
}

}  // namespace
}  // namespace cairn::io
