// What AWS says to a request that it does not believe, in the words of each protocol. Sources: IAM
// User Guide, "Troubleshoot signed requests"; S3 API Reference, "Error responses" and "REST error
// responses"; CloudTrail API Reference, "Common errors".
#pragma once

#include "access/authenticator.h"
#include "aws/aws_chunked.h"
#include "aws/sigv4_verify.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::access {

/// What words need to know.
struct AuthContext {
  ErrorStyle style = ErrorStyle::json;
  const aws::ServerRequest& request;
  const aws::SignatureClaim& claim;
  std::string_view service{};  ///< what the request is for; "" when not known
  int64_t now_us = 0;
  int64_t skew_seconds = aws::kSkewSeconds;
};

/// The form, the time, the scope or the headers are wrong.
AuthFailure problem_failure(const AuthContext& context, const aws::SignatureProblem& problem);

AuthFailure unknown_key(const AuthContext& context);
AuthFailure wrong_signature(const AuthContext& context, const aws::ExpectedSignature& expected);
AuthFailure wrong_token(const AuthContext& context);
AuthFailure expired_token(const AuthContext& context);
AuthFailure repeated_request(const AuthContext& context);

/// The body is not the one that x-amz-content-sha256 tells.
AuthFailure wrong_content_hash(const AuthContext& context, const aws::ContentHash& hash);
/// The body is not the one that a checksum header or trailer tells.
AuthFailure wrong_checksum(const AuthContext& context, std::string_view header);
AuthFailure chunked_failure(const AuthContext& context, aws::ChunkedFault fault);
AuthFailure length_missing(const AuthContext& context);
/// A form of payload that is AWS's, but not ours.
AuthFailure payload_not_implemented(const AuthContext& context);
AuthFailure body_too_large(const AuthContext& context);
AuthFailure bad_content_encoding(const AuthContext& context, std::string_view why);

/// We failed. `why` goes to the log only.
AuthFailure internal_failure(const AuthContext& context, std::string why);

}  // namespace cairn::access
