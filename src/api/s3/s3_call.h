// Which of S3's operations a request is, and whether CloudTrail records it as a management event.
// Source: S3 User Guide, "Amazon S3 CloudTrail events".
#pragma once

#include "api/s3/s3_request.h"

#include <string_view>

namespace cairn::api {

struct S3Call {
  std::string_view operation{};  ///< CloudTrail's name of the event; empty if it is unknown
  bool read_only = true;
  bool management = false;       ///< recorded; events of data planes are not
  std::string_view parameter{};  ///< of the query, which names the operation; may be empty
};

/// `method`: the request's. HeadBucket and the listings of objects are data events.
S3Call find_s3_call(std::string_view method, const S3Request& asked);

}  // namespace cairn::api
