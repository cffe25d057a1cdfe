// A call of S3 as the CloudTrail event that AWS would record of it. Source: S3 User Guide,
// "Example: CloudTrail log file entries for Amazon S3".
#pragma once

#include "access/caller.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_request.h"
#include "aws/http_message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::api {

struct S3CallFacts {
  const access::Caller& caller;
  const S3Call& call;
  const S3Request& asked;
  const aws::ServerRequest& http;
  const aws::ServerResponse& response;
  std::string_view region{};  ///< of the buckets
  int64_t now_us = 0;
  std::string event_id{};  ///< a new UUID
};

/// The record's JSON in one line.
std::string s3_call_record(const S3CallFacts& facts);

}  // namespace cairn::api
