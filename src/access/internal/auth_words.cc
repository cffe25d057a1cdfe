#include "access/internal/auth_words.h"

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn::access {
namespace {

using aws::SignatureFault;
using aws::SignatureProblem;

constexpr size_t kEchoMax = 1024;  ///< of what clients sent, in messages

constexpr std::string_view kBadSignature =
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.";
constexpr std::string_view kBadSignatureS3 =
    "The request signature we calculated does not match the signature you provided. Check your key "
    "and signing method.";
constexpr std::string_view kBadToken = "The security token included in the request is invalid.";
constexpr std::string_view kCredentialForm =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

std::string echo(std::string_view text) {
  return printable(text.substr(0, kEchoMax));
}

/// A failure with what is the same for all of a request.
AuthFailure failure(const AuthContext& context, int status, std::string_view code,
                    std::string message) {
  return {.status = status,
          .code = std::string(code),
          .message = std::move(message),
          .access_key_id = echo(context.claim.access_key),
          .region = echo(context.claim.scope.region),
          .service = echo(context.claim.scope.service)};
}

// Codes of one meaning in the protocols of JSON and of queries. JSON services answer 400.
AuthFailure incomplete(const AuthContext& context, std::string message) {
  return context.style == ErrorStyle::json
             ? failure(context, 400, "IncompleteSignatureException", std::move(message))
             : failure(context, 400, "IncompleteSignature", std::move(message));
}

AuthFailure invalid_signature(const AuthContext& context, std::string message) {
  return context.style == ErrorStyle::json
             ? failure(context, 400, "InvalidSignatureException", std::move(message))
             : failure(context, 403, "SignatureDoesNotMatch", std::move(message));
}

AuthFailure malformed_s3(const AuthContext& context, std::string_view what) {
  return context.claim.presigned
             ? failure(context, 400, "AuthorizationQueryParametersError",
                       fmt::format("Error parsing the X-Amz-Credential parameter; {}", what))
             : failure(context, 400, "AuthorizationHeaderMalformed",
                       fmt::format("The authorization header is malformed; {}", what));
}

AuthFailure query_parameters_s3(const AuthContext& context, std::string_view message) {
  return failure(context, 400, "AuthorizationQueryParametersError", std::string(message));
}

std::string hex_bytes(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += fmt::format("{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned char>(c));
  return out;
}

/// The canonical request holds the session token, which nobody else should read in a log.
std::string without_token(std::string text, const std::string& token) {
  if (token.empty()) return text;
  for (const auto& spelling : {token, aws::uri_encode(token)})
    for (size_t at = text.find(spelling); at != std::string::npos; at = text.find(spelling, at + 1))
      text.replace(at, spelling.size(), "*");
  return text;
}

std::string missing_parameters(const AuthContext& context, const SignatureProblem& problem) {
  std::string message;
  for (const auto& name : problem.names) {
    if (context.claim.presigned)
      message += fmt::format("AWS query-string parameters must include '{}'. ", name);
    else if (name == "Date")
      message +=
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    else
      message += fmt::format("Authorization header requires '{}' parameter. ", name);
  }
  return message + (context.claim.presigned
                        ? "Re-examine the query-string parameters."
                        : "Authorization=" +
                              echo(aws::find_header(context.request.headers, "authorization")));
}

std::string wrong_scope(const AuthContext& context, const SignatureProblem& problem) {
  const auto& claim = context.claim;
  std::vector<std::string> sentences;
  if (problem.scope.region)
    sentences.push_back(fmt::format("Credential should be scoped to a valid region, not '{}'.",
                                    echo(claim.scope.region)));
  if (problem.scope.service)
    sentences.push_back(
        fmt::format("Credential should be scoped to correct service: '{}'.", context.service));
  if (problem.scope.terminator)
    sentences.push_back(fmt::format(
        "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
        echo(claim.terminator)));
  if (problem.scope.date)
    sentences.push_back(fmt::format(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
        "from HTTP: '{}' != '{}', from '{}'.",
        echo(claim.scope_date), claim.scope.date(), claim.scope.date_time));
  return fmt::format("{}", fmt::join(sentences, " "));
}

std::string wrong_time(const AuthContext& context, const SignatureProblem& problem) {
  const bool late = problem.fault == SignatureFault::expired;
  const int64_t allowed =
      late ? context.claim.expires_seconds.value_or(context.skew_seconds) : context.skew_seconds;
  const int64_t edge = context.now_us + (late ? -allowed : allowed) * kMicrosPerSecond;
  return fmt::format("Signature {}: {} is {} than {} ({} {} {} {}.)",
                     late ? "expired" : "not yet current", context.claim.scope.date_time,
                     late ? "now earlier" : "still later", aws::amz_date(edge),
                     aws::amz_date(context.now_us), late ? '-' : '+',
                     allowed % 60 == 0 ? allowed / 60 : allowed, allowed % 60 == 0 ? "min" : "s");
}

std::string unsigned_headers(const SignatureProblem& problem) {
  const auto& name = problem.names.front();
  return fmt::format("{} must be a 'SignedHeader' in the AWS Authorization.",
                     name == "host"           ? "'Host' or ':authority'"
                     : name == "content-type" ? "'Content-Type'"
                                              : fmt::format("'{}'", echo(name)));
}

AuthFailure plain_problem(const AuthContext& context, const SignatureProblem& problem) {
  switch (problem.fault) {
    case SignatureFault::missing:
    case SignatureFault::other_scheme:
      return context.style == ErrorStyle::json
                 ? failure(context, 400, "MissingAuthenticationTokenException",
                           "Missing Authentication Token")
                 : failure(context, 403, "MissingAuthenticationToken",
                           "Request is missing Authentication Token");
    case SignatureFault::two_forms:
      return invalid_signature(context,
                               "Found both 'X-Amz-Algorithm' as a query-string param and "
                               "'Authorization' as HTTP header.");
    case SignatureFault::algorithm:
      return incomplete(context, fmt::format("Unsupported AWS 'algorithm': '{}' (only "
                                             "AWS4-HMAC-SHA256 for now). ",
                                             echo(problem.word)));
    case SignatureFault::not_a_pair:
      return incomplete(
          context,
          fmt::format(
              "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: "
              "'{}'.",
              echo(problem.word),
              echo(aws::find_header(context.request.headers, "authorization"))));
    case SignatureFault::parameters_missing:
      return incomplete(context, missing_parameters(context, problem));
    case SignatureFault::date_malformed:
      return incomplete(context,
                        fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                                    "http://en.wikipedia.org/wiki/ISO_8601",
                                    echo(problem.word)));
    case SignatureFault::credential_malformed:
      return incomplete(context,
                        fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                                    "keyid/date/region/service/term, got '{}'",
                                    echo(problem.word)));
    case SignatureFault::expires_not_a_number:
      return incomplete(context, "X-Amz-Expires should be a number");
    case SignatureFault::expires_negative:
      return incomplete(context, "X-Amz-Expires must be non-negative");
    case SignatureFault::expires_too_long:
      return incomplete(context, "X-Amz-Expires must be less than a week (in seconds)");
    case SignatureFault::expired:
      if (context.style == ErrorStyle::query && context.claim.presigned)
        return failure(context, 400, "RequestExpired", wrong_time(context, problem));
      return invalid_signature(context, wrong_time(context, problem));
    case SignatureFault::not_yet_valid:
      return invalid_signature(context, wrong_time(context, problem));
    case SignatureFault::headers_unsigned:
      return invalid_signature(context, unsigned_headers(problem));
    case SignatureFault::scope_wrong:
      return invalid_signature(context, wrong_scope(context, problem));
    case SignatureFault::content_hash_missing:
    case SignatureFault::content_hash_malformed:
      break;  // of S3 only
  }
  return invalid_signature(context, std::string(kBadSignature));
}

AuthFailure time_s3(const AuthContext& context, const SignatureProblem& problem) {
  const auto server_time = format_iso8601(context.now_us - context.now_us % kMicrosPerSecond);
  if (!context.claim.presigned) {
    auto made = failure(context, 403, "RequestTimeTooSkewed",
                        "The difference between the request time and the current time is too "
                        "large.");
    made.details = {{"RequestTime", context.claim.scope.date_time},
                    {"ServerTime", server_time},
                    {"MaxAllowedSkewMilliseconds", fmt::format("{}", context.skew_seconds * 1000)}};
    return made;
  }
  if (problem.fault == SignatureFault::not_yet_valid) {
    auto made = failure(context, 403, "AccessDenied", "Request is not valid yet");
    made.details = {{"ServerTime", server_time}};
    return made;
  }
  auto made = failure(context, 403, "AccessDenied", "Request has expired");
  const int64_t lasts = context.claim.expires_seconds.value_or(0);
  made.details = {{"X-Amz-Expires", fmt::format("{}", lasts)},
                  {"Expires", format_iso8601(context.claim.signed_us + lasts * kMicrosPerSecond)},
                  {"ServerTime", server_time}};
  return made;
}

AuthFailure scope_s3(const AuthContext& context, const SignatureProblem& problem) {
  const auto& claim = context.claim;
  if (problem.scope.date) {
    const auto message = fmt::format(
        "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: "
        "\"{}\".",
        echo(claim.scope_date), claim.scope.date());
    return claim.presigned ? query_parameters_s3(context, message) : malformed_s3(context, message);
  }
  if (problem.scope.region) {
    auto made = malformed_s3(context, fmt::format("the region '{}' is wrong; expecting 'us-east-1'",
                                                  echo(claim.scope.region)));
    made.details = {{"Region", "us-east-1"}};
    return made;
  }
  if (problem.scope.service)
    return malformed_s3(context,
                        fmt::format("incorrect service \"{}\". This endpoint belongs to \"s3\".",
                                    echo(claim.scope.service)));
  return malformed_s3(context,
                      fmt::format("incorrect terminal \"{}\". This endpoint uses \"aws4_request\".",
                                  echo(claim.terminator)));
}

AuthFailure other_scheme_s3(const AuthContext& context, const SignatureProblem& problem) {
  if (problem.word == "AWS")
    return failure(context, 400, "InvalidRequest",
                   "The authorization mechanism you have provided is not supported. Please use "
                   "AWS4-HMAC-SHA256.");
  auto made = failure(context, 400, "InvalidArgument", "Unsupported Authorization Type");
  made.details = {{"ArgumentName", "Authorization"}};
  return made;
}

AuthFailure headers_s3(const AuthContext& context, const SignatureProblem& problem) {
  auto made = failure(context, 403, "AccessDenied",
                      "There were headers present in the request which were not signed");
  made.details = {{"HeadersNotSigned", echo(fmt::format("{}", fmt::join(problem.names, ", ")))}};
  return made;
}

AuthFailure content_hash_s3(const AuthContext& context, const SignatureProblem& problem) {
  if (problem.fault == SignatureFault::content_hash_missing)
    return failure(context, 400, "InvalidRequest",
                   "Missing required header for this request: x-amz-content-sha256");
  auto made = failure(context, 400, "InvalidArgument",
                      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                      "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.");
  made.details = {{"ArgumentName", "x-amz-content-sha256"}, {"ArgumentValue", echo(problem.word)}};
  return made;
}

/// What is wrong with the form of an Authorization header.
AuthFailure header_form_s3(const AuthContext& context, const SignatureProblem& problem) {
  if (problem.fault == SignatureFault::algorithm)
    return failure(context, 501, "NotImplemented",
                   "A header you provided implies functionality that is not implemented");
  if (problem.fault == SignatureFault::date_malformed ||
      (!problem.names.empty() && problem.names.front() == "Date"))
    return failure(context, 403, "AccessDenied",
                   "AWS authentication requires a valid Date or x-amz-date header");
  return malformed_s3(context,
                      "the authorization header requires three components: Credential, "
                      "SignedHeaders, and Signature.");
}

/// What is wrong with the form of a presigned URL.
AuthFailure query_form_s3(const AuthContext& context, const SignatureProblem& problem) {
  if (problem.fault == SignatureFault::algorithm)
    return query_parameters_s3(context, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  if (problem.fault == SignatureFault::date_malformed)
    return query_parameters_s3(
        context, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (problem.fault == SignatureFault::expires_not_a_number)
    return query_parameters_s3(context, "X-Amz-Expires should be a number");
  if (problem.fault == SignatureFault::expires_negative)
    return query_parameters_s3(context, "X-Amz-Expires must be non-negative");
  if (problem.fault == SignatureFault::expires_too_long)
    return query_parameters_s3(context,
                               "X-Amz-Expires must be less than a week (in seconds); that is, the "
                               "given X-Amz-Expires must "
                               "be less than 604800 seconds");
  return query_parameters_s3(context,
                             "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                             "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, "
                             "and X-Amz-Expires parameters.");
}

AuthFailure s3_problem(const AuthContext& context, const SignatureProblem& problem) {
  switch (problem.fault) {
    case SignatureFault::missing:
      return failure(context, 403, "AccessDenied", "Access Denied");
    case SignatureFault::two_forms:
      return failure(context, 400, "InvalidArgument",
                     "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                     "Signature query string parameter or the Authorization header should be "
                     "specified");
    case SignatureFault::other_scheme:
      return other_scheme_s3(context, problem);
    case SignatureFault::algorithm:
    case SignatureFault::parameters_missing:
    case SignatureFault::not_a_pair:
    case SignatureFault::date_malformed:
    case SignatureFault::expires_not_a_number:
    case SignatureFault::expires_negative:
    case SignatureFault::expires_too_long:
      return context.claim.presigned ? query_form_s3(context, problem)
                                     : header_form_s3(context, problem);
    case SignatureFault::credential_malformed:
      return malformed_s3(context, kCredentialForm);
    case SignatureFault::expired:
    case SignatureFault::not_yet_valid:
      return time_s3(context, problem);
    case SignatureFault::headers_unsigned:
      return headers_s3(context, problem);
    case SignatureFault::scope_wrong:
      return scope_s3(context, problem);
    case SignatureFault::content_hash_missing:
    case SignatureFault::content_hash_malformed:
      return content_hash_s3(context, problem);
  }
  return failure(context, 403, "AccessDenied", "Access Denied");
}

}  // namespace

AuthFailure problem_failure(const AuthContext& context, const SignatureProblem& problem) {
  return context.style == ErrorStyle::s3 ? s3_problem(context, problem)
                                         : plain_problem(context, problem);
}

AuthFailure unknown_key(const AuthContext& context) {
  switch (context.style) {
    case ErrorStyle::json:
      return failure(context, 400, "UnrecognizedClientException", std::string(kBadToken));
    case ErrorStyle::query:
      return failure(context, 403, "InvalidClientTokenId", std::string(kBadToken));
    case ErrorStyle::s3:
      break;
  }
  auto made = failure(context, 403, "InvalidAccessKeyId",
                      "The AWS Access Key Id you provided does not exist in our records.");
  made.details = {{"AWSAccessKeyId", echo(context.claim.access_key)}};
  return made;
}

AuthFailure wrong_signature(const AuthContext& context, const aws::ExpectedSignature& expected) {
  if (context.style != ErrorStyle::s3)
    return invalid_signature(context, std::string(kBadSignature));
  auto made = failure(context, 403, "SignatureDoesNotMatch", std::string(kBadSignatureS3));
  const auto canonical = without_token(expected.canonical_request, context.claim.session_token);
  made.details = {{"AWSAccessKeyId", echo(context.claim.access_key)},
                  {"StringToSign", expected.string_to_sign},
                  {"SignatureProvided", echo(context.claim.signature)},
                  {"StringToSignBytes", hex_bytes(expected.string_to_sign)},
                  {"CanonicalRequest", canonical},
                  {"CanonicalRequestBytes", hex_bytes(canonical)}};
  return made;
}

AuthFailure wrong_token(const AuthContext& context) {
  if (context.style == ErrorStyle::s3)
    return failure(context, 400, "InvalidToken",
                   "The provided token is malformed or otherwise invalid.");
  return unknown_key(context);
}

AuthFailure expired_token(const AuthContext& context) {
  switch (context.style) {
    case ErrorStyle::json:
      return failure(context, 400, "ExpiredTokenException",
                     "The security token included in the request is expired");
    case ErrorStyle::query:
      return failure(context, 403, "ExpiredToken",
                     "The security token included in the request is expired");
    case ErrorStyle::s3:
      break;
  }
  return failure(context, 400, "ExpiredToken", "The provided token has expired.");
}

AuthFailure repeated_request(const AuthContext& context) {
  constexpr std::string_view kWords = "The request was received before with the same signature.";
  if (context.style == ErrorStyle::s3)
    return failure(context, 403, "AccessDenied", std::string(kWords));
  return invalid_signature(context, std::string(kWords));
}

AuthFailure wrong_content_hash(const AuthContext& context, const aws::ContentHash& hash) {
  if (context.style != ErrorStyle::s3)
    return invalid_signature(context, std::string(kBadSignature));
  auto made =
      failure(context, 400, "XAmzContentSHA256Mismatch",
              "The provided 'x-amz-content-sha256' header does not match what was computed.");
  made.details = {{"ClientComputedContentSHA256", hash.text},
                  {"S3ComputedContentSHA256", hash.computed}};
  return made;
}

AuthFailure wrong_checksum(const AuthContext& context, std::string_view header) {
  if (header == "content-md5")
    return failure(context, 400, "BadDigest",
                   "The Content-MD5 you specified did not match what we received.");
  return failure(context, 400, "BadDigest",
                 fmt::format("The {} you specified did not match the calculated checksum.",
                             aws::checksum_title(header)));
}

AuthFailure chunked_failure(const AuthContext& context, aws::ChunkedFault fault) {
  switch (fault) {
    case aws::ChunkedFault::malformed:
      return failure(context, 400, "InvalidRequest",
                     "The body is not of the content encoding aws-chunked.");
    case aws::ChunkedFault::truncated:
      return failure(context, 400, "IncompleteBody", "The request body terminated unexpectedly");
    case aws::ChunkedFault::chunk_too_small:
      return failure(context, 403, "InvalidChunkSizeError",
                     "Only the last chunk is allowed to have a size less than 8192 bytes");
    case aws::ChunkedFault::too_long:
      return body_too_large(context);
    case aws::ChunkedFault::wrong_length:
      return failure(context, 400, "IncompleteBody",
                     "You did not provide the number of bytes specified by the "
                     "x-amz-decoded-content-length HTTP header");
    case aws::ChunkedFault::trailer_malformed:
      return failure(context, 400, "MalformedTrailerError",
                     "The request contained trailing data that was not well-formed or did not "
                     "conform to our published schema.");
    case aws::ChunkedFault::wrong_signature:
    case aws::ChunkedFault::wrong_trailer_signature:
      break;
  }
  return failure(context, 403, "SignatureDoesNotMatch", std::string(kBadSignatureS3));
}

AuthFailure length_missing(const AuthContext& context) {
  return failure(context, 411, "MissingContentLength",
                 "You must provide the Content-Length HTTP header.");
}

AuthFailure payload_not_implemented(const AuthContext& context) {
  return failure(context, 501, "NotImplemented",
                 "A header you provided implies functionality that is not implemented");
}

AuthFailure body_too_large(const AuthContext& context) {
  if (context.style == ErrorStyle::s3)
    return failure(context, 400, "EntityTooLarge",
                   "Your proposed upload exceeds the maximum allowed size");
  return failure(context, 413,
                 context.style == ErrorStyle::json ? "RequestEntityTooLargeException"
                                                   : "RequestEntityTooLarge",
                 "The decoded body is larger than the service takes.");
}

AuthFailure bad_content_encoding(const AuthContext& context, std::string_view why) {
  return failure(context, 400,
                 context.style == ErrorStyle::json    ? "MalformedHttpRequestException"
                 : context.style == ErrorStyle::query ? "MalformedHttpRequest"
                                                      : "InvalidRequest",
                 std::string(why));
}

AuthFailure internal_failure(const AuthContext& context, std::string why) {
  auto made = context.style == ErrorStyle::s3
                  ? failure(context, 500, "InternalError",
                            "We encountered an internal error. Please try again.")
                  : failure(context, 500, "InternalFailure",
                            "The request processing has failed because of an unknown error, "
                            "exception or failure.");
  made.cause = std::move(why);
  return made;
}

}  // namespace cairn::access
