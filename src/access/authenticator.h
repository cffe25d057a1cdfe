// Who sent a request: AWS Signature Version 4 verified, in the Authorization header or in the query
// of a presigned URL, and the body that was signed. Source: IAM User Guide, "Signing AWS API
// requests"; S3 API Reference, "Authenticating Requests".
#pragma once

#include "access/caller.h"
#include "aws/http_message.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::store {
class StateDatabase;
}

namespace cairn::access {

class KeyStore;

/// A request whose signature holds.
struct Authenticated {
  Caller caller{};
  std::string region{};   ///< of the credential scope
  std::string service{};  ///< of the credential scope: "cloudtrail"
  std::string body{};     ///< without aws-chunked and Content-Encoding: gzip
  bool presigned = false;
  std::string session_token{};  ///< empty for long-term keys
};

/// Why a request is refused. `code` and `message` are those of the JSON protocol (sigv4.md §5 has
/// the others'); api/ writes them as the request's protocol wants them.
struct AuthFailure {
  int status = 403;
  std::string code{};     ///< "InvalidSignatureException", for S3 "SignatureDoesNotMatch"
  std::string message{};  ///< AWS's words
  /// More elements of S3's XML: {"StringToSign", "…"}.
  std::vector<std::pair<std::string, std::string>> details{};
  std::string access_key_id{};  ///< as claimed, when it was told; for the access log
  std::string region{};         ///< as claimed
  std::string service{};        ///< as claimed
  std::string cause{};          ///< of a failure of ours; for the log only
};

using AuthResult = std::variant<Authenticated, AuthFailure>;

/// In which protocol's words failures are told.
enum class ErrorStyle : uint8_t { json, query, s3 };

struct AuthenticatorOptions {
  /// Services whose signatures are taken: others are "Credential should be scoped to correct
  /// service". Empty: all.
  std::vector<std::string> services{};
  uint64_t decoded_bytes_max = 64 << 20;       ///< of a body that was compressed or in chunks
  size_t remembered_signatures_max = 200'000;  ///< about 15 MB
};

/// Thread-safe. Unknown keys, disabled ones and wrong signatures take the same work, and signatures
/// are compared in constant time.
///
/// Replays: a signature in the Authorization header of any request but GET and HEAD is taken for
/// kReplayGraceUs after its first use (a client that asks the same twice within a second of its
/// clock makes the same signature twice) and refused from then on, until its time is over anyway.
/// The last `remembered_signatures_max` are remembered; beyond that the oldest are forgotten. With
/// remember_in() a process that follows knows them too.
/// Presigned URLs are meant to be used again.
class Authenticator {
 public:
  static constexpr int64_t kReplayGraceUs = 3'000'000;

  /// Borrows the keys.
  Authenticator(KeyStore& keys, AuthenticatorOptions options);
  Authenticator(Authenticator&&) noexcept;
  ~Authenticator();

  /// Remembers signatures in the files `path`.0 and `path`.1 from now on, and takes over what they
  /// hold. Fails when they cannot be read or written.
  Status remember_in(const std::string& path, int64_t now_us);

  /// `now_us`: the server's clock. `service`: what the request is for, as its target or path tells;
  /// "" when nothing does.
  AuthResult authenticate(const aws::ServerRequest& request, std::string_view service,
                          ErrorStyle style, int64_t now_us);

  /// What the head of a request proves against it, before its body is there: that nothing claims to
  /// be a signature, that its form, time or scope is wrong, that its key is unknown or may not be
  /// used; and, where x-amz-content-sha256 stands for the body, that the signature does not hold.
  /// Takes the same arguments as authenticate(), whose checks it does not replace: a body may still
  /// be another one, and nothing is remembered of the signature. Returns nullopt for a request
  /// whose body has to be read.
  std::optional<AuthFailure> check_head(const aws::ServerRequest& head, std::string_view service,
                                        ErrorStyle style, int64_t now_us);

  /// For senders who cannot sign: `AKIA…:SECRET`, as the credentials of HTTP Basic or Firehose's
  /// access key hold it. nullopt: not a key that may be used, or not its secret. Temporary keys are
  /// not taken. Fails as KeyStore::signing_key().
  Result<std::optional<Caller>> authenticate_plain(std::string_view key_and_secret, int64_t now_us);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Is there anything in the request that claims to be a signature?
bool is_signed(const aws::ServerRequest& request);

}  // namespace cairn::access
