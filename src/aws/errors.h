// What AWS services say when they refuse: their two shapes of error bodies, and what the codes
// mean to us.
#pragma once

#include "aws/sigv4.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace cairn::aws {

struct ServiceError {
  std::string code{};     ///< "NoSuchKey"; empty when the answer was not of AWS's shape
  std::string message{};  ///< the service's own words; hostile text
  std::string region{};   ///< where S3 says the bucket is
};

/// Of S3 (`<Error>…`) and query services (`<ErrorResponse><Error>…`). Empty for anything else.
ServiceError parse_error_xml(std::string_view body);

/// Of JSON services: code from `__type`, `x-amzn-errortype` or `x-amzn-query-error`.
ServiceError parse_error_json(std::string_view body, const Headers& headers);

/// The same request may succeed later.
bool is_retryable(int http_status, std::string_view code);

/// The service is asked too often.
bool is_throttling(int http_status, std::string_view code);

/// Our clock differs too much from the service's.
bool is_clock_skew(std::string_view code);

/// The session token ran out; new credentials help.
bool is_expired_token(std::string_view code);

ErrorKind error_kind(int http_status, std::string_view code);

}  // namespace cairn::aws
