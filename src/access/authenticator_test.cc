#include "access/authenticator.h"

#include "access/access_test_support.h"
#include "base/gzip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace cairn::access {
namespace {

class AuthenticatorTest : public ::testing::Test {
 protected:
  int64_t now() const { return keys_.clock.now; }

  AuthResult ask(const aws::ServerRequest& request, ErrorStyle style = ErrorStyle::json,
                 std::string_view service = "cloudtrail") {
    return authenticator_.authenticate(request, service, style, now());
  }

  AuthResult ask_s3(const aws::ServerRequest& request) {
    return ask(request, ErrorStyle::s3, "s3");
  }

  static AuthFailure failure(const AuthResult& result) {
    const auto* const refused = std::get_if<AuthFailure>(&result);
    EXPECT_NE(refused, nullptr) << "taken";
    return refused == nullptr ? AuthFailure{} : *refused;
  }

  static std::string code(const AuthResult& result) { return failure(result).code; }

  static bool taken(const AuthResult& result) {
    const auto* const refused = std::get_if<AuthFailure>(&result);
    if (refused != nullptr) ADD_FAILURE() << refused->code << ": " << refused->message;
    return refused == nullptr;
  }

  aws::ServerRequest signed_call(int64_t late_us = 0) {
    auto request = json_call();
    sign_request(request, credentials_of(key_), scope_at(now() - late_us, "cloudtrail"));
    return request;
  }

  aws::ServerRequest signed_get(std::string target = "/bucket/a%20key?versionId=1") {
    aws::ServerRequest request{.method = "GET", .target = std::move(target)};
    request.headers = {{"Host", "127.0.0.1:8099"}};
    sign_request(request, credentials_of(key_), scope_at(now(), "s3"));
    return request;
  }

  static std::string detail(const AuthFailure& refused, std::string_view name) {
    for (const auto& [key, value] : refused.details)
      if (key == name) return value;
    return "(none)";
  }

  static void set(aws::ServerRequest& request, std::string_view name, std::string value) {
    for (auto& header : request.headers)
      if (header.name == name) header.value = value;
  }

  TestKeys keys_;
  IssuedKey key_ = keys_.make();
  Authenticator authenticator_{keys_.store(), {}};
};

TEST_F(AuthenticatorTest, TakesWhatIsSigned) {
  auto request = json_call(R"({"MaxResults": 5})");
  request.target = "/a//b/../c%20d?x=%2F&y";
  sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
  const auto result = ask(request);
  ASSERT_TRUE(taken(result));
  const auto& who = std::get<Authenticated>(result);
  EXPECT_EQ(who.caller.access_key_id, key_.key.id);
  EXPECT_EQ(who.caller.arn, "arn:aws:iam::123456789012:user/ann");
  EXPECT_EQ(who.region, "eu-west-1");
  EXPECT_EQ(who.service, "cloudtrail");
  EXPECT_EQ(who.body, request.body);
  EXPECT_FALSE(who.presigned);
  EXPECT_EQ(keys_.store().find(key_.key.id).value().last_used_us, now());
  EXPECT_TRUE(is_signed(request));
  EXPECT_FALSE(is_signed(json_call()));
}

TEST_F(AuthenticatorTest, JsonFailuresInAwsWords) {
  const auto check = [&](const aws::ServerRequest& request, std::string_view code_wanted,
                         std::string_view message) {
    const auto refused = failure(ask(request));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.code, code_wanted);
    EXPECT_EQ(refused.message, message);
  };
  check(json_call(), "MissingAuthenticationTokenException", "Missing Authentication Token");
  auto request = signed_call();
  set(request, "Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20251009/r/s/aws4_request");
  check(request, "IncompleteSignatureException",
        "Authorization header requires 'Signature' parameter. Authorization header requires "
        "'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 "
        "Credential=AKIA/20251009/r/s/aws4_request");
  auto stranger = credentials_of(key_);
  stranger.access_key = "AKIAUNKNOWN234567ABC";
  request = json_call();
  sign_request(request, stranger, scope_at(now(), "cloudtrail"));
  check(request, "UnrecognizedClientException",
        "The security token included in the request is invalid.");
  check(signed_call(301 * kMicrosPerSecond), "InvalidSignatureException",
        "Signature expired: 20251009T084819Z is now earlier than 20251009T084820Z "
        "(20251009T085320Z - 5 min.)");
  check(signed_call(-301 * kMicrosPerSecond), "InvalidSignatureException",
        "Signature not yet current: 20251009T085821Z is still later than 20251009T085820Z "
        "(20251009T085320Z + 5 min.)");
  EXPECT_TRUE(taken(ask(signed_call(300 * kMicrosPerSecond))));
  EXPECT_TRUE(taken(ask(signed_call(-300 * kMicrosPerSecond))));
  request = signed_call();
  request.body += ' ';
  check(request, "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

TEST_F(AuthenticatorTest, JsonScopesAndHeaders) {
  const auto message = [&](const aws::ServerRequest& request) {
    const auto refused = failure(ask(request));
    EXPECT_EQ(refused.code, "InvalidSignatureException");
    return refused.message;
  };
  auto request = json_call();
  sign_request(request, credentials_of(key_), scope_at(now(), "athena", "EU"));
  EXPECT_EQ(message(request),
            "Credential should be scoped to a valid region, not 'EU'. Credential should be scoped "
            "to correct service: 'cloudtrail'.");
  request = signed_call();
  auto text = std::string(aws::find_header(request.headers, "Authorization"));
  text.replace(text.find("/aws4_request"), 13, "/aws4");
  text.replace(text.find("20251009"), 8, "20251008");
  set(request, "Authorization", text);
  EXPECT_EQ(message(request),
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. Date "
            "in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            "'20251008' != '20251009', from '20251009T085320Z'.");
  request = signed_call();
  request.headers.push_back({"x-amz-meta-added", "later"});
  EXPECT_EQ(message(request),
            "'x-amz-meta-added' must be a 'SignedHeader' in the AWS Authorization.");
  request = signed_call();
  request.headers.push_back({"amz-sdk-invocation-id", "later"});
  request.headers.push_back({"x-amzn-trace-id", "later"});
  request.headers.push_back({"Accept-Encoding", "later"});
  EXPECT_TRUE(taken(ask(request)));
  request = json_call();
  const auto host = request.headers.front();
  request.headers.erase(request.headers.begin());
  sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
  request.headers.push_back(host);
  EXPECT_EQ(message(request),
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  request = json_call();
  const auto type = request.headers[1];
  request.headers.erase(request.headers.begin() + 1);
  sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
  request.headers.push_back(type);
  EXPECT_EQ(message(request), "'Content-Type' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST_F(AuthenticatorTest, QueryFailuresHaveTheirOwnCodes) {
  const auto refused = [&](const aws::ServerRequest& request) {
    return failure(ask(request, ErrorStyle::query, "sns"));
  };
  EXPECT_EQ(refused(json_call()).code, "MissingAuthenticationToken");
  EXPECT_EQ(refused(json_call()).message, "Request is missing Authentication Token");
  EXPECT_EQ(refused(json_call()).status, 403);
  EXPECT_EQ(refused(signed_call()).code, "SignatureDoesNotMatch");  // its scope is cloudtrail's
  auto request = json_call();
  auto stranger = credentials_of(key_);
  stranger.access_key = "AKIAUNKNOWN234567ABC";
  sign_request(request, stranger, scope_at(now(), "sns"));
  EXPECT_EQ(refused(request).code, "InvalidClientTokenId");
  set(request, "Authorization", "AWS4-HMAC-SHA256 x");
  EXPECT_EQ(refused(request).code, "IncompleteSignature");
  EXPECT_EQ(refused(request).status, 400);
  aws::ServerRequest presigned{.method = "GET", .target = "/?Action=ListTopics"};
  presigned.headers = {{"Host", "h"}};
  presign_request(presigned, credentials_of(key_), scope_at(now() - kMicrosPerHour, "sns"), 60,
                  to_hex(sha256("")));
  EXPECT_EQ(refused(presigned).code, "RequestExpired");
  EXPECT_EQ(refused(presigned).message,
            "Signature expired: 20251009T075320Z is now earlier than 20251009T085220Z "
            "(20251009T085320Z - 1 min.)");
}

TEST_F(AuthenticatorTest, PresignedCallsOfOtherServices) {
  aws::ServerRequest request{.method = "GET", .target = "/?Action=GetCallerIdentity"};
  request.headers = {{"Host", "h"}};
  presign_request(request, credentials_of(key_), scope_at(now(), "sts"), 60, to_hex(sha256("")));
  const auto result = ask(request, ErrorStyle::query, "sts");
  ASSERT_TRUE(taken(result));
  EXPECT_TRUE(std::get<Authenticated>(result).presigned);
  keys_.clock.now += 60 * kMicrosPerSecond;
  EXPECT_TRUE(taken(ask(request, ErrorStyle::query, "sts")));
}

TEST_F(AuthenticatorTest, S3TakesHeadersAndUrls) {
  EXPECT_TRUE(taken(ask_s3(signed_get())));
  EXPECT_TRUE(taken(ask_s3(signed_get("/bucket//a/../b%2Bc?list-type=2&prefix=a%2Fb"))));
  aws::ServerRequest url{.method = "GET", .target = "/bucket/key"};
  url.headers = {{"Host", "127.0.0.1:8099"}};
  presign_request(url, credentials_of(key_), scope_at(now(), "s3"), 604800);
  EXPECT_TRUE(taken(ask_s3(url)));
  keys_.clock.now += 604800 * kMicrosPerSecond;
  EXPECT_TRUE(taken(ask_s3(url)));
  keys_.clock.now += kMicrosPerSecond;
  const auto refused = failure(ask_s3(url));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code, "AccessDenied");
  EXPECT_EQ(refused.message, "Request has expired");
  EXPECT_EQ(detail(refused, "X-Amz-Expires"), "604800");
  EXPECT_EQ(detail(refused, "Expires"), "2025-10-16T08:53:20Z");
  EXPECT_EQ(detail(refused, "ServerTime"), "2025-10-16T08:53:21Z");
  keys_.clock.now -= 604800 * kMicrosPerSecond + kMicrosPerHour;
  EXPECT_EQ(failure(ask_s3(url)).message, "Request is not valid yet");
}

TEST_F(AuthenticatorTest, S3FailuresHaveTheirElements) {
  auto request = signed_get();
  set(request, "Authorization",
      std::string(aws::find_header(request.headers, "Authorization")).substr(0, 100));
  EXPECT_EQ(code(ask_s3(request)), "AuthorizationHeaderMalformed");
  request = signed_get();
  request.target = "/bucket/other";
  auto refused = failure(ask_s3(request));
  EXPECT_EQ(refused.code, "SignatureDoesNotMatch");
  EXPECT_EQ(detail(refused, "AWSAccessKeyId"), key_.key.id);
  EXPECT_TRUE(detail(refused, "CanonicalRequest").starts_with("GET\n/bucket/other\n\nhost:"));
  EXPECT_TRUE(detail(refused, "CanonicalRequestBytes").starts_with("47 45 54 0a 2f"));
  EXPECT_TRUE(detail(refused, "StringToSign").starts_with("AWS4-HMAC-SHA256\n20251009T085320Z\n"));
  EXPECT_EQ(detail(refused, "SignatureProvided").size(), 64U);
  keys_.clock.now += 901 * kMicrosPerSecond;
  refused = failure(ask_s3(request));
  EXPECT_EQ(refused.code, "RequestTimeTooSkewed");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(detail(refused, "RequestTime"), "20251009T085320Z");
  EXPECT_EQ(detail(refused, "ServerTime"), "2025-10-09T09:08:21Z");
  EXPECT_EQ(detail(refused, "MaxAllowedSkewMilliseconds"), "900000");
  EXPECT_EQ(failure(ask_s3({.method = "GET", .target = "/"})).message, "Access Denied");
}

TEST_F(AuthenticatorTest, S3Scopes) {
  aws::ServerRequest request{.method = "GET", .target = "/"};
  request.headers = {{"Host", "h"}};
  sign_request(request, credentials_of(key_), scope_at(now(), "sqs"));
  auto refused = failure(ask_s3(request));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(refused.message,
            "The authorization header is malformed; incorrect service \"sqs\". This endpoint "
            "belongs to \"s3\".");
  request = {.method = "GET", .target = "/"};
  request.headers = {{"Host", "h"}};
  presign_request(request, credentials_of(key_), scope_at(now(), "s3", "US EAST"), 60);
  refused = failure(ask_s3(request));
  EXPECT_EQ(refused.code, "AuthorizationQueryParametersError");
  EXPECT_EQ(detail(refused, "Region"), "us-east-1");
  request.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_EQ(code(ask_s3(request)), "AuthorizationQueryParametersError");
  request.target = "/?AWSAccessKeyId=a&Signature=b&Expires=1";
  EXPECT_EQ(code(ask_s3(request)), "InvalidRequest");
  request = signed_get();
  request.headers.push_back({"X-Amz-Tagging", "a=b"});
  refused = failure(ask_s3(request));
  EXPECT_EQ(refused.code, "AccessDenied");
  EXPECT_EQ(detail(refused, "HeadersNotSigned"), "x-amz-tagging");
}

TEST_F(AuthenticatorTest, S3ChecksTheBody) {
  aws::ServerRequest request{.method = "PUT", .target = "/b/k", .body = "hello"};
  request.headers = {{"Host", "h"}, {"x-amz-checksum-crc32", "NhCmhg=="}};
  const auto hash = to_hex(sha256("hello"));
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"), hash);
  EXPECT_TRUE(taken(ask_s3(request)));
  request.body = "hellO";
  const auto refused = failure(ask_s3(request));
  EXPECT_EQ(refused.code, "XAmzContentSHA256Mismatch");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(detail(refused, "ClientComputedContentSHA256"), hash);
  EXPECT_EQ(detail(refused, "S3ComputedContentSHA256"), to_hex(sha256("hellO")));
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"));
  EXPECT_EQ(failure(ask_s3(request)).message,
            "The CRC32 you specified did not match the calculated checksum.");
  request.headers = {{"Host", "h"}, {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}};
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(code(ask_s3(request)), "BadDigest");
  request.headers = {{"Host", "h"}};
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"), "no hash");
  EXPECT_EQ(code(ask_s3(request)), "InvalidArgument");
  std::erase_if(request.headers,
                [](const auto& header) { return header.name == "X-Amz-Content-SHA256"; });
  EXPECT_EQ(failure(ask_s3(request)).message,
            "Missing required header for this request: x-amz-content-sha256");
}

TEST_F(AuthenticatorTest, HeadsThatProveNothingArePassed) {
  const auto passes = [&](aws::ServerRequest request, ErrorStyle style = ErrorStyle::json) {
    request.body.clear();
    const auto failure = authenticator_.check_head(
        request, style == ErrorStyle::s3 ? "s3" : "cloudtrail", style, now());
    return failure ? failure->code : "";
  };
  EXPECT_EQ(passes(signed_call()), "");
  auto request = json_call();
  const auto hash = to_hex(sha256(request.body));
  request.headers.push_back({"X-Amz-Content-Sha256", hash});
  sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
  EXPECT_EQ(passes(request), "");
  EXPECT_TRUE(taken(ask(request)));  // looking at a head first uses nothing up
  request = {.method = "PUT", .target = "/b/k", .headers = {{"Host", "h"}}, .body = "hello"};
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"), to_hex(sha256("hello")));
  EXPECT_EQ(passes(request, ErrorStyle::s3), "");
  request.headers = {{"Host", "h"}};
  sign_request(request, credentials_of(key_), scope_at(now(), "s3"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(passes(request, ErrorStyle::s3), "");
}

TEST_F(AuthenticatorTest, HeadsProveWhatCannotHold) {
  const auto refusal = [&](const aws::ServerRequest& request, ErrorStyle style = ErrorStyle::json) {
    const auto failure = authenticator_.check_head(
        request, style == ErrorStyle::s3 ? "s3" : "cloudtrail", style, now());
    return failure ? failure->code : "";
  };
  EXPECT_EQ(refusal(json_call()), "MissingAuthenticationTokenException");
  EXPECT_EQ(refusal(signed_call(600'000'000)), "InvalidSignatureException");  // too old
  auto request = json_call();
  sign_request(request, credentials_of(key_), scope_at(now(), "sts"));
  EXPECT_EQ(refusal(request), "InvalidSignatureException");  // another service's
  request = signed_call();
  set(request, "X-Amz-Date", "yesterday");
  EXPECT_EQ(refusal(request), "IncompleteSignatureException");
  const auto stranger = [&](std::string id) {
    auto made = json_call();
    sign_request(made, {.access_key = std::move(id), .secret_key = std::string(40, 's')},
                 scope_at(now(), "cloudtrail"));
    return made;
  };
  EXPECT_EQ(refusal(stranger("AKIANOBODYHASTHISKEY")), "UnrecognizedClientException");
  // The signature of a known key covers the body's hash: here only the body has it …
  EXPECT_EQ(refusal(stranger(key_.key.id)), "");
  // … and here the head.
  request = json_call();
  request.headers.push_back({"X-Amz-Content-Sha256", to_hex(sha256(request.body))});
  sign_request(request, {.access_key = key_.key.id, .secret_key = std::string(40, 's')},
               scope_at(now(), "cloudtrail"));
  EXPECT_EQ(refusal(request), "InvalidSignatureException");
  request = {.method = "PUT", .target = "/b/k", .headers = {{"Host", "h"}}};
  EXPECT_EQ(refusal(request, ErrorStyle::s3), "AccessDenied");
  sign_request(request, {.access_key = key_.key.id, .secret_key = std::string(40, 's')},
               scope_at(now(), "s3"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(refusal(request, ErrorStyle::s3), "SignatureDoesNotMatch");
  ASSERT_TRUE(keys_.store().set_enabled(key_.key.id, false).ok());
  EXPECT_EQ(refusal(signed_call()), "UnrecognizedClientException");
}

TEST_F(AuthenticatorTest, S3TakesChunks) {
  const auto scope = scope_at(now(), "s3");
  const auto credentials = credentials_of(key_);
  const auto put = [&](std::string_view word, std::string_view body) {
    aws::ServerRequest request{.method = "PUT", .target = "/b/k"};
    request.headers = {{"Host", "h"},
                       {"Content-Encoding", "aws-chunked"},
                       {"x-amz-decoded-content-length", "5"},
                       {"x-amz-trailer", "x-amz-checksum-crc32"}};
    sign_request(request, credentials, scope, std::string(word));
    request.body = body;
    return ask_s3(request);
  };
  const auto good = put("STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
  ASSERT_TRUE(taken(good));
  EXPECT_EQ(std::get<Authenticated>(good).body, "hello");
  keys_.clock.now += kMicrosPerSecond;
  EXPECT_EQ(code(put("STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                     "5\r\nhellO\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n")),
            "BadDigest");
  EXPECT_EQ(code(put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhel")), "IncompleteBody");
  EXPECT_EQ(code(put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "0\r\n\r\n")), "IncompleteBody");
  EXPECT_EQ(code(put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\n\r\n")),
            "MalformedTrailerError");
  EXPECT_EQ(code(put("STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                     "5;chunk-signature=abc\r\nhello\r\n0;chunk-signature=abc\r\n\r\n")),
            "SignatureDoesNotMatch");
  EXPECT_EQ(failure(put("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "")).status, 501);
}

TEST_F(AuthenticatorTest, GzipIsUndoneWithALimit) {
  const auto send = [&](const std::string& body, const char* encoding) {
    auto request = json_call(body);
    request.headers.push_back({"Content-Encoding", encoding});
    sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
    return ask(request);
  };
  std::string packed;
  ASSERT_TRUE(Gzip(6).compress(R"({"a": 1})", packed).ok());
  const auto result = send(packed, "gzip");
  ASSERT_TRUE(taken(result));
  EXPECT_EQ(std::get<Authenticated>(result).body, R"({"a": 1})");
  EXPECT_TRUE(taken(send("", "gzip")));
  EXPECT_TRUE(taken(send("{}", "identity")));
  EXPECT_EQ(code(send(packed + 'x', "gzip")), "MalformedHttpRequestException");
  EXPECT_EQ(code(send(packed.substr(0, packed.size() - 5), "gzip")),
            "MalformedHttpRequestException");
  EXPECT_EQ(code(send("{}", "gzip")), "MalformedHttpRequestException");
  EXPECT_EQ(code(send("{}", "br")), "MalformedHttpRequestException");
  ASSERT_TRUE(Gzip(9).compress(std::string(65 << 20, 'x'), packed).ok());
  ASSERT_LT(packed.size(), 1U << 20);
  const auto refused = failure(send(packed, "gzip"));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.code, "RequestEntityTooLargeException");
}

TEST_F(AuthenticatorTest, KeysThatMayNotBeUsed) {
  ASSERT_TRUE(keys_.store().set_enabled(key_.key.id, false).ok());
  EXPECT_EQ(code(ask(signed_call())), "UnrecognizedClientException");
  EXPECT_EQ(code(ask_s3(signed_get())), "InvalidAccessKeyId");
  ASSERT_TRUE(keys_.store().set_enabled(key_.key.id, true).ok());
  EXPECT_TRUE(taken(ask(signed_call())));
  key_ = keys_.store().create({.name = "ann", .expires_us = now() + kMicrosPerSecond}).value();
  EXPECT_TRUE(taken(ask(signed_call())));
  keys_.clock.now += kMicrosPerSecond;
  EXPECT_EQ(code(ask(signed_call())), "UnrecognizedClientException");
  auto request = json_call();
  auto credentials = credentials_of(keys_.make());
  credentials.session_token = "made up";
  sign_request(request, credentials, scope_at(now(), "cloudtrail"));
  EXPECT_EQ(code(ask(request)), "UnrecognizedClientException");
}

TEST_F(AuthenticatorTest, TemporaryKeysNeedTheirToken) {
  const auto parent = key_.key.id;
  key_ = keys_.store().create_session(parent, kMicrosPerHour).value();
  const auto result = ask(signed_call());
  ASSERT_TRUE(taken(result));
  EXPECT_EQ(std::get<Authenticated>(result).session_token, key_.session_token);
  EXPECT_TRUE(taken(ask_s3(signed_get())));
  const auto token = std::exchange(key_.session_token, "other");
  EXPECT_EQ(code(ask(signed_call())), "UnrecognizedClientException");
  EXPECT_EQ(code(ask_s3(signed_get())), "InvalidToken");
  key_.session_token = "";
  EXPECT_EQ(code(ask(signed_call())), "UnrecognizedClientException");
  key_.session_token = token;
  aws::ServerRequest url{.method = "GET", .target = "/b/k"};
  url.headers = {{"Host", "h"}};
  presign_request(url, credentials_of(key_), scope_at(now(), "s3"), 60);
  EXPECT_TRUE(taken(ask_s3(url)));
  url.target.back() = url.target.back() == '0' ? '1' : '0';
  for (const auto& [name, value] : failure(ask_s3(url)).details)
    EXPECT_EQ(value.find(aws::uri_encode(token)), std::string::npos) << name;
  ASSERT_TRUE(keys_.store().set_enabled(parent, false).ok());
  EXPECT_EQ(code(ask(signed_call())), "UnrecognizedClientException");
  ASSERT_TRUE(keys_.store().set_enabled(parent, true).ok());
  keys_.clock.now += kMicrosPerHour;
  EXPECT_EQ(code(ask(signed_call())), "ExpiredTokenException");
  EXPECT_EQ(code(ask(signed_call(), ErrorStyle::query)), "ExpiredToken");
  EXPECT_EQ(code(ask_s3(signed_get())), "ExpiredToken");
}

TEST_F(AuthenticatorTest, ReplaysAreRefused) {
  const auto call = signed_call();
  EXPECT_TRUE(taken(ask(call)));
  keys_.clock.now += Authenticator::kReplayGraceUs;
  EXPECT_TRUE(taken(ask(call)));
  keys_.clock.now += 1;
  EXPECT_EQ(code(ask(call)), "InvalidSignatureException");
  EXPECT_TRUE(taken(ask(signed_call())));
  const auto get = signed_get();
  EXPECT_TRUE(taken(ask_s3(get)));
  keys_.clock.now += kMicrosPerMinute;
  EXPECT_TRUE(taken(ask_s3(get)));
}

TEST_F(AuthenticatorTest, ARefusedRequestUsesUpNoSignature) {
  auto call = signed_call();
  const auto good = call;
  call.body = "{\"changed\": 1}";
  EXPECT_EQ(code(ask(call)), "InvalidSignatureException");
  keys_.clock.now += Authenticator::kReplayGraceUs + 1;
  EXPECT_TRUE(taken(ask(good)));
}

TEST_F(AuthenticatorTest, OnlyServicesThatItServes) {
  Authenticator two(keys_.store(), {.services = {"sns", "sqs"}});
  const auto result = two.authenticate(signed_call(), "", ErrorStyle::json, now());
  EXPECT_EQ(failure(result).message, "Credential should be scoped to correct service: 'sns'.");
}

TEST_F(AuthenticatorTest, ThoseWhoCannotSignSendTheSecret) {
  const auto plain = [&](const std::string& id, const std::string& secret) {
    return authenticator_.authenticate_plain(id + ':' + secret, now()).value();
  };
  const auto caller = plain(key_.key.id, key_.secret);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->user_name, "ann");
  EXPECT_EQ(keys_.store().find(key_.key.id).value().last_used_us, now());
  EXPECT_FALSE(plain(key_.key.id, key_.secret + 'x'));
  EXPECT_FALSE(plain(key_.key.id, ""));
  EXPECT_FALSE(plain("AKIAUNKNOWN234567ABC", key_.secret));
  EXPECT_FALSE(plain("AKIAUNKNOWN234567ABC", std::string(40, '0')));
  for (const auto* text : {"", ":", "x", "a:b:c"})
    EXPECT_FALSE(authenticator_.authenticate_plain(text, now()).value()) << text;
  const auto session = keys_.store().create_session(key_.key.id, kMicrosPerHour).value();
  EXPECT_FALSE(plain(session.key.id, session.secret));
  ASSERT_TRUE(keys_.store().set_enabled(key_.key.id, false).ok());
  EXPECT_FALSE(plain(key_.key.id, key_.secret));
  const auto brief =
      keys_.store().create({.name = "ann", .expires_us = now() + kMicrosPerSecond}).value();
  EXPECT_TRUE(plain(brief.key.id, brief.secret));
  keys_.clock.now += kMicrosPerSecond;
  EXPECT_FALSE(plain(brief.key.id, brief.secret));
}

TEST_F(AuthenticatorTest, NothingSecretIsTold) {
  auto request = signed_call();
  request.body = "x";
  for (const auto style : {ErrorStyle::json, ErrorStyle::query, ErrorStyle::s3}) {
    const auto refused = failure(ask(request, style, ""));
    EXPECT_EQ(refused.message.find(key_.secret), std::string::npos);
    EXPECT_EQ(refused.access_key_id, key_.key.id);
    EXPECT_EQ(refused.service, "cloudtrail");
    for (const auto& [name, value] : refused.details)
      EXPECT_EQ(value.find(key_.secret), std::string::npos) << name;
  }
}

TEST_F(AuthenticatorTest, ManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) {
        auto request = json_call(fmt::format("{{\"n\": {}}}", i * 1000 + round));
        sign_request(request, credentials_of(key_), scope_at(now(), "cloudtrail"));
        good += std::holds_alternative<Authenticated>(ask(request));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

}  // namespace
}  // namespace cairn::access
