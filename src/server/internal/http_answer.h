// An answer as bytes of HTTP/1.1.
#pragma once

#include "aws/http_message.h"

#include <cstdint>
#include <string>

namespace cairn::server::internal {

struct AnswerFacts {
  int64_t now_us = 0;
  bool closes = false;  ///< the connection ends with it
};

/// Compresses the body if the client takes gzip and it is worth the work. Returns the value of
/// Content-Encoding; "" if the body is as it was.
std::string compress_body(const aws::ServerRequest& request, aws::ServerResponse& response);

/// Status line and headers. `encoding`: what compress_body() returned.
std::string answer_head(const aws::ServerRequest& request, const aws::ServerResponse& response,
                        const std::string& encoding, const AnswerFacts& facts);

/// The answer goes without a body, whatever the response holds.
bool has_no_body(const aws::ServerRequest& request, const aws::ServerResponse& response);

}  // namespace cairn::server::internal
