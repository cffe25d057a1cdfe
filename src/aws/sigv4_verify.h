// The verifying side of Signature Version 4: what a request claims about its signature, what of
// that cannot be right, and which signature it should have had. Pure. What AWS says in each case is
// in access/auth_words.h.
#pragma once

#include "aws/http_message.h"
#include "aws/sigv4.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::aws {

inline constexpr int64_t kPresignedSecondsMax = 604'800;  ///< a week
inline constexpr int64_t kSkewSeconds = 300;
inline constexpr int64_t kS3SkewSeconds = 900;

/// What a request says: in `Authorization`, or in the query of a presigned URL. As it was sent.
struct SignatureClaim {
  bool presigned = false;
  std::string access_key{};
  Scope scope{};             ///< its date_time is that of the request
  std::string scope_date{};  ///< of the credential: "20261121"
  std::string terminator{};  ///< "aws4_request"
  int64_t signed_us = 0;     ///< date_time as an instant
  std::vector<std::string> signed_headers{};
  std::string signature{};
  std::string session_token{};
  std::optional<int64_t> expires_seconds{};  ///< of a presigned URL
};

enum class SignatureFault : uint8_t {
  missing,               ///< nothing claims to be a signature
  two_forms,             ///< both header and query
  other_scheme,          ///< Authorization of another kind; Signature Version 2
  algorithm,             ///< `word` is not AWS4-HMAC-SHA256
  not_a_pair,            ///< `word` in the header has no '='
  parameters_missing,    ///< `names`, or they are there and senseless
  date_malformed,        ///< `word`
  credential_malformed,  ///< `word` has not five parts
  expires_not_a_number,
  expires_negative,
  expires_too_long,
  expired,  ///< the request or the URL is too old
  not_yet_valid,
  headers_unsigned,        ///< `names`
  scope_wrong,             ///< one or more of date, region, service, terminator: see ScopeFaults
  content_hash_missing,    ///< S3 demands x-amz-content-sha256
  content_hash_malformed,  ///< `word`
};

struct ScopeFaults {
  bool date = false;
  bool region = false;
  bool service = false;
  bool terminator = false;
};

struct SignatureProblem {
  SignatureFault fault = SignatureFault::missing;
  std::string word{};
  std::vector<std::string> names{};
  ScopeFaults scope{};
};

/// Does anything in the request claim to be a signature?
bool claims_signature(const ServerRequest& request);

/// What the request claims, as far as it was told, and the first thing that is wrong with its form.
struct ReadClaim {
  SignatureClaim claim{};
  std::optional<SignatureProblem> problem{};
};

ReadClaim read_claim(const ServerRequest& request);

struct ClaimRules {
  std::string_view service{};  ///< the scope's must be this one; "": any
  int64_t now_us = 0;
  int64_t skew_seconds = kSkewSeconds;
  bool s3 = false;  ///< S3's own rules for headers and presigned URLs
};

/// Times, headers and scope. In the order in which AWS checks.
std::optional<SignatureProblem> check_claim(const SignatureClaim& claim,
                                            const ServerRequest& request, const ClaimRules& rules);

/// What stands for the body in the canonical request.
struct ContentHash {
  std::string text{};      ///< the last line of the canonical request
  bool covers = true;      ///< false for words such as UNSIGNED-PAYLOAD
  std::string computed{};  ///< SHA-256 of the body, where the request told one and `covers`
};

/// S3: what x-amz-content-sha256 says. Others: SHA-256 of the body as sent.
std::variant<ContentHash, SignatureProblem> content_hash(const SignatureClaim& claim,
                                                         const ServerRequest& request);

/// The same as far as the head alone tells it (the request has no body yet): what
/// x-amz-content-sha256 says, for S3 also that it is missing or malformed. Returns nullopt where
/// only the body tells.
std::optional<std::variant<ContentHash, SignatureProblem>> content_hash_in_head(
    const SignatureClaim& claim, const ServerRequest& request);

struct ExpectedSignature {
  std::string canonical_request{};
  std::string string_to_sign{};
  std::string signing_key{};
  std::string signature{};
};

ExpectedSignature expected_signature(const SignatureClaim& claim, const ServerRequest& request,
                                     std::string_view secret_key, std::string_view content_hash);

/// `YYYYMMDDTHHMMSSZ` as microseconds since 1970. Dates that are none are nullopt.
std::optional<int64_t> parse_amz_date(std::string_view text);

}  // namespace cairn::aws
