// Conditions of requests: If-Match and its kin. Source: RFC 9110 §13, which S3 follows.
#pragma once

#include "aws/http_message.h"

#include <cstdint>
#include <string_view>

namespace cairn::api {

/// What there is, against which conditions are held.
struct Validators {
  std::string_view etag{};  ///< without quotes; a strong one
  int64_t modified_us = 0;  ///< counts by the second
};

/// 200, 304 or 412, for GET and HEAD of an object that exists. `now_us`: for years of two digits.
int condition_status(const aws::Headers& headers, const Validators& have, int64_t now_us);

/// Is the Range header to be heeded, as If-Range says?
bool range_counts(const aws::Headers& headers, const Validators& have, int64_t now_us);

/// Does a list of entity tags name `etag`? `*` names all, ETags without quotes are taken as S3
/// takes them. `weak`: `W/"x"` names x too.
bool names_etag(std::string_view list, std::string_view etag, bool weak);

}  // namespace cairn::api
