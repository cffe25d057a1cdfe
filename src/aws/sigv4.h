// AWS Signature Version 4, in the pieces that a client that signs and a server that verifies share.
// Source of the rules: IAM User Guide, "Create a signed AWS API request"; S3 API Reference,
// "Authenticating Requests". Pure: the time is given.
#pragma once

#include "aws/credentials.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::aws {

struct Header {
  std::string name;
  std::string value;
};

using Headers = std::vector<Header>;

/// The value of the first header `name` (any case), "" when there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// How the path is written in the canonical request.
enum class PathRule : uint8_t {
  normalized,  ///< all services but S3: no dot segments, no double slashes, each segment encoded
               ///< once more than on the wire
  as_is,       ///< S3: every byte counts, encoded once
};

/// S3 is the one service whose paths are taken as they are.
PathRule path_rule(std::string_view service);

/// `path` as on the wire (percent-encoded once).
std::string canonical_path(std::string_view path, PathRule rule);

/// `query` as on the wire, without '?'. Parameters named `without` are left out (verifiers of
/// presigned URLs leave out X-Amz-Signature).
std::string canonical_query(std::string_view query, std::string_view without = {});

struct CanonicalInput {
  std::string_view method;  ///< upper case
  std::string_view path;    ///< as on the wire
  std::string_view query;   ///< as on the wire
  const Headers& headers;   ///< all; those not signed are ignored
  /// Lower case, sorted: as in SignedHeaders=.
  const std::vector<std::string>& signed_headers;
  std::string_view payload_hash;  ///< hex SHA-256, or a word such as UNSIGNED-PAYLOAD
  PathRule rule = PathRule::normalized;
  std::string_view query_without{};  ///< see canonical_query()
};

std::string canonical_request(const CanonicalInput& input);

/// Where and when a signature holds.
struct Scope {
  std::string date_time;  ///< YYYYMMDDTHHMMSSZ
  std::string region;
  std::string service;

  std::string date() const { return date_time.substr(0, 8); }

  /// `YYYYMMDD/region/service/aws4_request`
  std::string text() const;
};

/// `YYYYMMDDTHHMMSSZ` of an instant in microseconds.
std::string amz_date(int64_t micros);

std::string string_to_sign(const Scope& scope, std::string_view canonical);

/// The 32 bytes that sign for one day, region and service.
std::string signing_key(std::string_view secret_key, const Scope& scope);

/// Lower-case hex.
std::string signature(std::string_view signing_key, std::string_view string_to_sign);

/// The headers of `headers` that a client signs: all but those which proxies and libraries change
/// on the way. Lower case, sorted, each once.
std::vector<std::string> headers_to_sign(const Headers& headers);

struct SigningRequest {
  std::string_view method;
  std::string_view path;   ///< as on the wire
  std::string_view query;  ///< as on the wire
  /// Hex SHA-256 of the body, or kUnsignedPayload (S3 over TLS only).
  std::string_view payload_hash;
};

/// Signs: adds X-Amz-Date, X-Amz-Security-Token (when the credentials have one),
/// X-Amz-Content-SHA256 (S3) and Authorization to `headers`, which must hold Host and all else that
/// is to be signed. Earlier ones of these are replaced.
void sign(const SigningRequest& request, const Credentials& credentials, const Scope& scope,
          Headers& headers);

}  // namespace cairn::aws
