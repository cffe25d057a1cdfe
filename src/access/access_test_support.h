// A client that signs, and a store of keys in a folder that goes away, for tests.
#pragma once

#include "access/authenticator.h"
#include "access/keys.h"
#include "aws/aws_chunked.h"
#include "aws/sigv4.h"
#include "aws/sigv4_verify.h"
#include "aws/uri.h"
#include "base/crypto.h"
#include "base/time.h"
#include "store/state_database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace cairn::access {

class TestClock final : public io::Clock {
 public:
  int64_t now_us() const override { return now; }

  std::atomic<int64_t> now = 1'760'000'000'000'000;  // 2025-10-09T08:53:20Z
};

class TestKeys {
 public:
  TestKeys()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("cairn_access_{}_{}", getpid(), number())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    state_ = store::StateDatabase::open((folder_ / "state.db").string(), true).value();
    keys_ =
        KeyStore::open(*state_, {.own = (folder_ / "master.key").string()}, clock, random_).value();
  }

  TestKeys(const TestKeys&) = delete;
  TestKeys& operator=(const TestKeys&) = delete;

  ~TestKeys() {
    keys_.reset();
    state_.reset();
    std::filesystem::remove_all(folder_);
  }

  KeyStore& store() { return *keys_; }

  IssuedKey make(Role role = Role::admin) {
    return keys_->create({.name = "ann", .role = role, .account = "123456789012"}).value();
  }

  TestClock clock;

 private:
  /// Another one at each call.
  static int number() {
    static std::atomic<int> next = 0;
    return next++;
  }

  std::filesystem::path folder_;
  io::SystemRandom random_;
  std::unique_ptr<store::StateDatabase> state_;
  std::unique_ptr<KeyStore> keys_;
};

inline aws::Credentials credentials_of(const IssuedKey& issued) {
  return {.access_key = issued.key.id,
          .secret_key = issued.secret,
          .session_token = issued.session_token};
}

inline aws::Scope scope_at(int64_t at_us, std::string service, std::string region = "eu-west-1") {
  return {.date_time = aws::amz_date(at_us),
          .region = std::move(region),
          .service = std::move(service)};
}

/// A call as the AWS CLI makes it: POST, JSON, everything signed.
inline aws::ServerRequest json_call(std::string body = "{}") {
  aws::ServerRequest request{.method = "POST", .target = "/"};
  request.headers = {{"Host", "127.0.0.1:8099"},
                     {"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", "CloudTrail_20131101.LookupEvents"},
                     {"User-Agent", "aws-cli/1"}};
  request.body = std::move(body);
  return request;
}

/// Signs in the Authorization header. `content_hash`: "" for that of the body.
inline void sign_request(aws::ServerRequest& request, const aws::Credentials& credentials,
                         const aws::Scope& scope, std::string content_hash = {}) {
  if (content_hash.empty()) content_hash = to_hex(sha256(request.body));
  aws::sign({.method = request.method,
             .path = request.path(),
             .query = request.query(),
             .payload_hash = content_hash},
            credentials, scope, request.headers);
}

/// Signs in the query, with `host` alone. `content_hash` as S3 has it, or that of the body.
inline void presign_request(aws::ServerRequest& request, const aws::Credentials& credentials,
                            const aws::Scope& scope, int64_t expires,
                            std::string_view content_hash = aws::kUnsignedPayload) {
  request.target += request.target.find('?') == std::string::npos ? '?' : '&';
  request.target += fmt::format(
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}"
      "&X-Amz-SignedHeaders=host",
      aws::uri_encode(credentials.access_key + '/' + scope.text()), scope.date_time, expires);
  if (!credentials.session_token.empty())
    request.target += "&X-Amz-Security-Token=" + aws::uri_encode(credentials.session_token);
  aws::SignatureClaim claim;
  claim.scope = scope;
  claim.presigned = true;
  claim.signed_headers = {"host"};
  const auto signature =
      aws::expected_signature(claim, request, credentials.secret_key, content_hash).signature;
  request.target += "&X-Amz-Signature=" + signature;
}

}  // namespace cairn::access
