#include "aws/sigv4.h"

#include "base/crypto.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace cairn::aws {
namespace {

const Credentials kExample{.access_key = "AKIAIOSFODNN7EXAMPLE",
                           .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

std::string signature_of(const Headers& headers) {
  const auto authorization = find_header(headers, "authorization");
  return std::string(authorization.substr(authorization.rfind('=') + 1));
}

TEST(SigV4, SigningKeyOfTheGuide) {
  const Scope scope{.date_time = "20150830T123600Z", .region = "us-east-1", .service = "iam"};
  EXPECT_EQ(to_hex(signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope)),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(SigV4, S3ChunkedUploadSeeds) {
  const Scope scope{.date_time = "20130524T000000Z", .region = "us-east-1", .service = "s3"};
  Headers headers = {{"Host", "s3.amazonaws.com"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                     {"Content-Encoding", "aws-chunked"},
                     {"x-amz-decoded-content-length", "66560"}};
  const SigningRequest request{.method = "PUT",
                               .path = "/examplebucket/chunkObject.txt",
                               .query = "",
                               .payload_hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"};
  auto plain = headers;
  plain.push_back({"Content-Length", "66824"});
  sign(request, kExample, scope, plain);
  EXPECT_EQ(signature_of(plain),
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");

  auto trailer = headers;
  trailer.push_back({"x-amz-trailer", "x-amz-checksum-crc32c"});
  auto with_trailer = request;
  with_trailer.payload_hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  sign(with_trailer, kExample, scope, trailer);
  EXPECT_EQ(signature_of(trailer),
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
}

TEST(SigV4, PathsOfS3StayAsTheyAre) {
  EXPECT_EQ(canonical_path("", PathRule::as_is), "/");
  EXPECT_EQ(canonical_path("/a//b/../c%20d/%7e+", PathRule::as_is), "/a//b/../c%20d/~%2B");
}

TEST(SigV4, PathsOfOthersAreCleanedAndEncodedTwice) {
  EXPECT_EQ(canonical_path("", PathRule::normalized), "/");
  EXPECT_EQ(canonical_path("/a//b/./x/../c%20d/", PathRule::normalized), "/a/b/c%2520d/");
  EXPECT_EQ(canonical_path("/../..", PathRule::normalized), "/");
}

TEST(SigV4, QueriesAreSortedAndEncodedAnew) {
  EXPECT_EQ(canonical_query("b=2&a=x%2fy&a=B&uploads&c=%7e&&"), "a=B&a=x%2Fy&b=2&c=~&uploads=");
  EXPECT_EQ(canonical_query("X-Amz-Signature=1&a=b", "X-Amz-Signature"), "a=b");
}

TEST(SigV4, HeadersAreTrimmedAndJoined) {
  const Headers headers = {{"Host", "h"}, {"X-A", "  1   2\t3 "}, {"x-a", "4"}};
  const std::vector<std::string> names = {"host", "x-a", "x-b"};
  EXPECT_EQ(canonical_request({.method = "GET",
                               .path = "/",
                               .query = "",
                               .headers = headers,
                               .signed_headers = names,
                               .payload_hash = kUnsignedPayload}),
            "GET\n/\n\nhost:h\nx-a:1 2 3,4\nx-b:\n\nhost;x-a;x-b\nUNSIGNED-PAYLOAD");
}

TEST(SigV4, SigningTwiceReplaces) {
  const Scope scope{.date_time = "20130524T000000Z", .region = "us-east-1", .service = "s3"};
  Headers headers = {{"host", "h"}};
  const SigningRequest request{
      .method = "GET", .path = "/", .query = "", .payload_hash = kUnsignedPayload};
  auto temporary = kExample;
  temporary.session_token = "token";
  sign(request, temporary, scope, headers);
  const auto once = headers.size();
  EXPECT_EQ(find_header(headers, "x-amz-security-token"), "token");
  sign(request, temporary, scope, headers);
  EXPECT_EQ(headers.size(), once);
}

TEST(SigV4, DatesOfAmazon) {
  EXPECT_EQ(amz_date(1'369'353'600'999'999), "20130524T000000Z");
}

// Requests that botocore signed; tests/peers/sigv4_vectors.py makes the file anew.
TEST(SigV4, AgreesWithBotocore) {
  std::ifstream file(CAIRN_SIGV4_VECTORS);
  ASSERT_TRUE(file);
  const auto vectors = nlohmann::json::parse(file);
  ASSERT_GT(vectors.size(), 100U);
  for (const auto& vector : vectors) {
    Headers headers;
    for (const auto& header : vector["headers"]) headers.push_back({header[0], header[1]});
    const Credentials credentials{.access_key = vector["access_key"],
                                  .secret_key = vector["secret_key"],
                                  .session_token = vector["token"]};
    const Scope scope{
        .date_time = vector["date_time"], .region = vector["region"], .service = vector["service"]};
    sign({.method = vector["method"].get_ref<const std::string&>(),
          .path = vector["path"].get_ref<const std::string&>(),
          .query = vector["query"].get_ref<const std::string&>(),
          .payload_hash = vector["payload_hash"].get_ref<const std::string&>()},
         credentials, scope, headers);
    EXPECT_EQ(find_header(headers, "authorization"), vector["authorization"].get<std::string>())
        << vector.dump();
  }
}

}  // namespace
}  // namespace cairn::aws
