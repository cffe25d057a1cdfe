// What the access log and the metrics keep of a request that was answered.
#pragma once

#include "aws/http_message.h"
#include "server/internal/shared.h"
#include "server/networks.h"

#include <cstdint>
#include <string_view>

namespace cairn::server::internal {

struct Answered {
  const aws::ServerRequest& request;
  const aws::ServerResponse& response;
  const Origin& origin;
  std::string_view peer{};  ///< the other end of the connection
  std::string_view tls{};   ///< its version; "" for none
  int64_t began_us = 0;     ///< when the request's head was there
  uint64_t bytes_in = 0;    ///< of the body
  uint64_t bytes_out = 0;   ///< of the body
};

/// Any thread.
void note_answer(Shared& shared, const Answered& answered);

}  // namespace cairn::server::internal
