#include "aws/sigv4_verify.h"

#include "base/time.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace cairn::aws {
namespace {

constexpr int64_t kNow = 1'369'353'600'000'000;  // 2013-05-24T00:00:00Z

ServerRequest with_authorization(std::string text) {
  ServerRequest request{.method = "POST", .target = "/"};
  request.headers = {{"Host", "h"}, {"X-Amz-Date", "20130524T000000Z"}, {"Authorization", text}};
  return request;
}

SignatureFault fault_of(const ServerRequest& request) {
  const auto read = read_claim(request);
  EXPECT_TRUE(read.problem.has_value());
  return read.problem ? read.problem->fault : SignatureFault::missing;
}

constexpr std::string_view kGood =
    "AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1/cloudtrail/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=abc";

TEST(SigV4Verify, ReadsTheHeader) {
  for (const std::string& text :
       {std::string(kGood),
        std::string("AWS4-HMAC-SHA256 Signature=abc,SignedHeaders=host;x-amz-date,Credential=AKIA/"
                    "20130524/us-east-1/cloudtrail/aws4_request"),
        "  " + std::string(kGood) + " "}) {
    const auto read = read_claim(with_authorization(text));
    ASSERT_FALSE(read.problem) << text;
    EXPECT_EQ(read.claim.access_key, "AKIA");
    EXPECT_EQ(read.claim.scope.text(), "20130524/us-east-1/cloudtrail/aws4_request");
    EXPECT_EQ(read.claim.signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
    EXPECT_EQ(read.claim.signature, "abc");
    EXPECT_EQ(read.claim.signed_us, kNow);
    EXPECT_FALSE(read.claim.presigned);
  }
}

TEST(SigV4Verify, ReadsTheDateHeader) {
  auto request = with_authorization(std::string(kGood));
  request.headers[1] = {"Date", "Fri, 24 May 2013 00:00:00 GMT"};
  EXPECT_EQ(read_claim(request).claim.scope.date_time, "20130524T000000Z");
  request.headers[1].value = "20130524T000000Z";
  EXPECT_EQ(read_claim(request).claim.signed_us, kNow);
  for (const auto* wrong : {"Fri, 31 Feb 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 CET",
                            "Fri, 24 Mai 2013 00:00:00 GMT", "soon"}) {
    request.headers[1].value = wrong;
    EXPECT_EQ(fault_of(request), SignatureFault::date_malformed) << wrong;
  }
  request.headers[1].name = "X-Other";
  EXPECT_EQ(fault_of(request), SignatureFault::parameters_missing);
}

TEST(SigV4Verify, ReadsPresignedUrls) {
  const ServerRequest request{
      .method = "GET",
      .target =
          "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20130524%2F"
          "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
          "&X-Amz-SignedHeaders=host%3Bx-a&X-Amz-Security-Token=t%2Fo%3D&X-Amz-Signature=ab"};
  const auto read = read_claim(request);
  ASSERT_FALSE(read.problem);
  EXPECT_TRUE(read.claim.presigned);
  EXPECT_EQ(read.claim.session_token, "t/o=");
  EXPECT_EQ(read.claim.expires_seconds, 86400);
  EXPECT_EQ(read.claim.signed_headers, (std::vector<std::string>{"host", "x-a"}));
}

TEST(SigV4Verify, SaysWhatIsWrongWithAHeader) {
  using enum SignatureFault;
  EXPECT_EQ(fault_of({.method = "GET", .target = "/"}), missing);
  EXPECT_EQ(fault_of(with_authorization("")), missing);
  EXPECT_EQ(fault_of(with_authorization("Bearer x")), other_scheme);
  EXPECT_EQ(fault_of(with_authorization("AWS AKIA:sig")), other_scheme);
  EXPECT_EQ(fault_of(with_authorization("AWS4-HMAC-SHA256")), parameters_missing);
  EXPECT_EQ(fault_of(with_authorization("AWS4-HMAC-SHA256 Credential")), not_a_pair);
  EXPECT_EQ(fault_of(with_authorization("AWS4-HMAC-SHA256 a=1, a=2")), not_a_pair);
  EXPECT_EQ(fault_of(with_authorization(std::string(kGood) + ", Signature=x")), not_a_pair);
  auto ecdsa = std::string(kGood).replace(5, 11, "ECDSA-P256");
  EXPECT_EQ(fault_of(with_authorization(ecdsa)), algorithm);
  EXPECT_EQ(fault_of(with_authorization(
                "AWS4-HMAC-SHA256 Credential=A/20130524/r/s, SignedHeaders=host, Signature=a")),
            credential_malformed);
  auto request = with_authorization(std::string(kGood));
  request.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_EQ(fault_of(request), two_forms);
  request = with_authorization(std::string(kGood));
  request.headers[1].value = "2013-05-24T00:00:00Z";
  EXPECT_EQ(fault_of(request), date_malformed);
}

TEST(SigV4Verify, NoHeaderIsSignedTwice) {
  const auto with = [](const std::string& names) {
    auto text = std::string(kGood);
    return with_authorization(text.replace(text.find("host;x-amz-date"), 15, names));
  };
  EXPECT_FALSE(read_claim(with("host;x-amz-date")).problem);
  std::string many = "host";
  for (int i = 0; i < 300; ++i) many += ";h" + std::to_string(i);
  for (const auto& names :
       {std::string("host;host"), std::string("host;x;Host"), std::string("host;"), many})
    EXPECT_EQ(fault_of(with(names)), SignatureFault::parameters_missing) << names;
}

TEST(SigV4Verify, LivesAreBounded) {
  using enum SignatureFault;
  const auto expires = [](std::string_view text) {
    ServerRequest request{.method = "GET"};
    request.target =
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20130524/r/s3/"
        "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=a&X-Amz-Expires=";
    request.target += text;
    return request;
  };
  EXPECT_EQ(fault_of(expires("x")), expires_not_a_number);
  EXPECT_EQ(fault_of(expires("")), expires_not_a_number);
  EXPECT_EQ(fault_of(expires("-1")), expires_negative);
  EXPECT_EQ(fault_of(expires("604801")), expires_too_long);
  EXPECT_EQ(fault_of(expires("99999999999999999999")), expires_too_long);
  EXPECT_FALSE(read_claim(expires("604800")).problem);
}

TEST(SigV4Verify, DatesAreOfTheCalendar) {
  EXPECT_EQ(parse_amz_date("20130524T000000Z"), kNow);
  for (const auto* wrong :
       {"", "20130524T000000", "20131324T000000Z", "20130230T000000Z", "20130524T240000Z",
        "20130524t000000Z", "2013052xT000000Z", "00000000T000000Z", "20130524T000060Z"})
    EXPECT_EQ(parse_amz_date(wrong), std::nullopt) << wrong;
}

TEST(SigV4Verify, HashesThatS3Knows) {
  SignatureClaim claim;
  claim.scope.service = "s3";
  ServerRequest request{.method = "PUT", .target = "/", .body = "x"};
  const auto hash = [&](const char* text) {
    request.headers = {{"X-Amz-Content-SHA256", text}};
    return content_hash(claim, request);
  };
  EXPECT_TRUE(std::holds_alternative<SignatureProblem>(hash("")));
  EXPECT_TRUE(std::holds_alternative<SignatureProblem>(hash("sha")));
  EXPECT_FALSE(std::get<ContentHash>(hash("UNSIGNED-PAYLOAD")).covers);
  EXPECT_EQ(std::get<ContentHash>(hash(std::string(64, 'a').c_str())).computed.size(), 64U);
  claim.presigned = true;
  EXPECT_EQ(std::get<ContentHash>(hash("")).text, "UNSIGNED-PAYLOAD");
  claim.scope.service = "sts";
  EXPECT_EQ(std::get<ContentHash>(hash("UNSIGNED-PAYLOAD")).text.substr(0, 8), "2d711642");
}

// Requests that botocore signed; tests/peers/sigv4_vectors.py makes the file anew.
TEST(SigV4Verify, FindsTheSignaturesThatBotocoreMade) {
  std::ifstream file(CAIRN_SIGV4_VECTORS);
  ASSERT_TRUE(file);
  const auto vectors = nlohmann::json::parse(file);
  for (const auto& vector : vectors) {
    ServerRequest request{.method = vector["method"], .target = vector["path"]};
    if (!vector["query"].get<std::string>().empty())
      request.target += '?' + vector["query"].get<std::string>();
    for (const auto& header : vector["headers"]) request.headers.push_back({header[0], header[1]});
    request.headers.push_back({"x-amz-date", vector["date_time"]});
    if (!vector["token"].get<std::string>().empty())
      request.headers.push_back({"x-amz-security-token", vector["token"]});
    if (vector["service"] == "s3" && find_header(request.headers, "x-amz-content-sha256").empty())
      request.headers.push_back({"x-amz-content-sha256", vector["payload_hash"]});
    request.headers.push_back({"Authorization", vector["authorization"]});
    const auto read = read_claim(request);
    ASSERT_FALSE(read.problem) << vector.dump();
    EXPECT_FALSE(check_claim(read.claim, request,
                             {.service = vector["service"].get_ref<const std::string&>(),
                              .now_us = read.claim.signed_us,
                              .s3 = vector["service"] == "s3"}))
        << vector.dump();
    EXPECT_EQ(
        expected_signature(read.claim, request, vector["secret_key"].get_ref<const std::string&>(),
                           vector["payload_hash"].get_ref<const std::string&>())
            .signature,
        read.claim.signature)
        << vector.dump();
  }
}

}  // namespace
}  // namespace cairn::aws
