// Whatever a client signs is taken, and nothing that was changed since.
#include "access/access_test_support.h"
#include "base/base64.h"
#include "base/checksum.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace cairn::access {
namespace {

std::string any_bytes() {
  return *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}

/// What may stand in a header's value: no control characters, but blanks and any other byte.
std::string any_value() {
  return *rc::gen::container<std::string>(rc::gen::suchThat(
      rc::gen::arbitrary<char>(), [](char c) { return static_cast<uint8_t>(c) >= ' '; }));
}

std::string any_target() {
  std::string target = "/" + aws::uri_encode(any_bytes(), aws::Slash::keep);
  const auto parameters = *rc::gen::inRange(0, 4);
  for (int i = 0; i < parameters; ++i) {
    target += i == 0 ? '?' : '&';
    target += aws::uri_encode(any_bytes());
    if (*rc::gen::arbitrary<bool>()) target += '=' + aws::uri_encode(any_bytes());
  }
  return target;
}

aws::ServerRequest any_request(std::string_view service) {
  aws::ServerRequest request;
  request.method = *rc::gen::elementOf(std::vector<std::string>{"GET", "POST", "PUT", "DELETE"});
  request.target = any_target();
  request.headers = {{"Host", "127.0.0.1:8099"}};
  for (const auto* name : {"Content-Type", "X-Amz-Target", "x-amz-meta-a", "Range", "User-Agent"})
    if (*rc::gen::arbitrary<bool>()) request.headers.push_back({name, any_value()});
  // Repeated headers are one, in their order.
  if (*rc::gen::arbitrary<bool>()) request.headers.push_back({"x-amz-meta-a", any_value()});
  if (service != "s3" || request.method == "PUT") request.body = any_bytes();
  return request;
}

RC_GTEST_PROP(SigningProperty, WhatIsSignedIsTaken, ()) {
  static TestKeys keys;
  static const auto kKey = keys.make();
  static Authenticator authenticator(keys.store(), {});
  const auto service =
      *rc::gen::elementOf(std::vector<std::string>{"s3", "cloudtrail", "sqs", "cloudtrail-data"});
  const auto style = service == "s3" ? ErrorStyle::s3 : ErrorStyle::json;
  auto request = any_request(service);
  const auto scope = scope_at(keys.clock.now, service, "us-gov-west-1");
  const bool presigned = *rc::gen::arbitrary<bool>();
  if (presigned) {
    std::erase_if(request.headers, [](const auto& header) {
      return header.name.starts_with("x-amz-") || header.name.starts_with("X-Amz-");
    });
    presign_request(
        request, credentials_of(kKey), scope, 60,
        service == "s3" ? std::string(aws::kUnsignedPayload) : to_hex(sha256(request.body)));
  } else {
    sign_request(request, credentials_of(kKey), scope);
  }
  const auto result = authenticator.authenticate(request, service, style, keys.clock.now);
  const auto* const refused = std::get_if<AuthFailure>(&result);
  if (refused != nullptr) RC_LOG() << refused->code << ": " << refused->message;
  RC_ASSERT_FALSE(refused);
  RC_ASSERT(std::get<Authenticated>(result).body == request.body);
  RC_ASSERT(std::get<Authenticated>(result).presigned == presigned);

  auto other = request;
  other.method = other.method == "GET" ? "POST" : "GET";
  RC_ASSERT(std::holds_alternative<AuthFailure>(
      authenticator.authenticate(other, service, style, keys.clock.now)));
}

/// Calls `try_one` with each request that differs from `request` in one bit of its text. Left out
/// is what means the same: the case of a header's name.
template <class TryOne>
size_t flip_each_bit(const aws::ServerRequest& request, TryOne&& try_one) {
  size_t tried = 0;
  const auto flip = [&](auto&& part_of, bool keep_case) {
    auto changed = request;
    const auto size = part_of(changed).size();
    for (size_t at = 0; at < size; ++at)
      for (int bit = 0; bit < 8; ++bit) {
        const char flipped = static_cast<char>(1 << bit);
        if (keep_case && flipped == 0x20) continue;
        part_of(changed)[at] ^= flipped;
        try_one(changed);
        part_of(changed)[at] ^= flipped;
        ++tried;
      }
  };
  flip([](auto& changed) -> std::string& { return changed.method; }, false);
  flip([](auto& changed) -> std::string& { return changed.target; }, false);
  flip([](auto& changed) -> std::string& { return changed.body; }, false);
  for (size_t i = 0; i < request.headers.size(); ++i) {
    flip([&](auto& changed) -> std::string& { return changed.headers[i].name; }, true);
    flip([&](auto& changed) -> std::string& { return changed.headers[i].value; }, false);
  }
  return tried;
}

TEST(SigningMutation, NoBitOfASignedCallMayChange) {
  TestKeys keys;
  auto request = json_call(R"({"MaxResults": 50})");
  request.target = "/path%20of/it?one=1&two=%20";
  std::erase_if(request.headers, [](const auto& header) { return header.name == "User-Agent"; });
  const auto key = keys.store().create_session(keys.make().key.id, kMicrosPerHour).value();
  sign_request(request, credentials_of(key), scope_at(keys.clock.now, "cloudtrail"));
  Authenticator authenticator(keys.store(), {});
  for (const std::string_view service : {"cloudtrail", ""}) {
    const auto tried = flip_each_bit(request, [&](const aws::ServerRequest& changed) {
      EXPECT_TRUE(std::holds_alternative<AuthFailure>(
          authenticator.authenticate(changed, service, ErrorStyle::json, keys.clock.now)));
    });
    EXPECT_GT(tried, 4000U);
  }
  EXPECT_TRUE(std::holds_alternative<Authenticated>(
      authenticator.authenticate(request, "cloudtrail", ErrorStyle::json, keys.clock.now)));
}

TEST(SigningMutation, NoBitOfAPresignedUrlMayChange) {
  TestKeys keys;
  aws::ServerRequest request{.method = "GET", .target = "/bucket/a%20key?versionId=7"};
  request.headers = {{"Host", "127.0.0.1:8099"}};
  const auto key = keys.make();
  presign_request(request, credentials_of(key), scope_at(keys.clock.now, "s3"), 900);
  Authenticator authenticator(keys.store(), {});
  // Escapes in capitals and small letters are the same, and so are escaped and plain ones.
  const auto meaning = [](const aws::ServerRequest& one) {
    return one.method + aws::uri_decode(one.target) + one.headers[0].value;
  };
  flip_each_bit(request, [&](const aws::ServerRequest& changed) {
    if (meaning(changed) == meaning(request) && changed.headers[0].name == "Host") return;
    EXPECT_TRUE(std::holds_alternative<AuthFailure>(
        authenticator.authenticate(changed, "s3", ErrorStyle::s3, keys.clock.now)))
        << changed.target;
  });
  EXPECT_TRUE(std::holds_alternative<Authenticated>(
      authenticator.authenticate(request, "s3", ErrorStyle::s3, keys.clock.now)));
}

TEST(SigningMutation, NoBitOfAnUploadInChunksMayChange) {
  TestKeys keys;
  const auto key = keys.make();
  const auto scope = scope_at(keys.clock.now, "s3");
  aws::ServerRequest request{.method = "PUT", .target = "/b/k"};
  request.headers = {{"Host", "h"},
                     {"x-amz-decoded-content-length", "8197"},
                     {"x-amz-trailer", "x-amz-checksum-crc32c"}};
  sign_request(request, credentials_of(key), scope, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
  const auto signing_key = aws::signing_key(key.secret, scope);
  const aws::ChunkSigner signer{.signing_key = signing_key, .scope = scope};
  const auto authorization = aws::find_header(request.headers, "Authorization");
  std::string previous(authorization.substr(authorization.rfind('=') + 1));
  const std::string data = std::string(8192, 'x') + "hello";
  for (const auto& chunk : {data.substr(0, 8192), data.substr(8192), std::string()}) {
    previous = signer.chunk_signature(previous, chunk);
    request.body += fmt::format("{:x};chunk-signature={}\r\n{}{}", chunk.size(), previous, chunk,
                                chunk.empty() ? "" : "\r\n");
  }
  std::string sum;
  for (int shift = 24; shift >= 0; shift -= 8)
    sum += static_cast<char>(crc32c(data) >> shift & 0xFF);
  sum = encode_base64(sum);
  const auto lines = fmt::format("x-amz-checksum-crc32c:{}\n", sum);
  request.body += fmt::format("x-amz-checksum-crc32c:{}\r\nx-amz-trailer-signature:{}\r\n\r\n", sum,
                              signer.trailer_signature(previous, lines));
  Authenticator authenticator(keys.store(), {});
  const auto result = authenticator.authenticate(request, "s3", ErrorStyle::s3, keys.clock.now);
  if (const auto* const refused = std::get_if<AuthFailure>(&result))
    FAIL() << refused->code << ": " << refused->message;
  EXPECT_EQ(std::get<Authenticated>(result).body, data);
  for (size_t at = 0; at<request.body.size(); at += at> 200 && at < 8100 ? 101 : 1) {
    auto changed = request;
    changed.body[at] = static_cast<char>(changed.body[at] ^ 1);
    EXPECT_TRUE(std::holds_alternative<AuthFailure>(
        authenticator.authenticate(changed, "s3", ErrorStyle::s3, keys.clock.now)))
        << at;
  }
}

}  // namespace
}  // namespace cairn::access
