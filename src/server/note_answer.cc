#include "server/internal/note_answer.h"

#include <fmt/format.h>

namespace cairn::server::internal {

void note_answer(Shared& shared, const Answered& answered) {
  const auto& request = answered.request;
  const auto& response = answered.response;
  const auto& origin = answered.origin;
  const auto took_us = shared.clock.now_us() - answered.began_us;
  const bool https = origin.https.value_or(!answered.tls.empty());
  shared.access_log.write(
      {.time_us = answered.began_us,
       .remote = origin.address,
       .proxy = origin.forwarded ? std::string(answered.peer) : "",
       .scheme = https ? "https" : "http",
       .method = request.method,
       .target = request.target,
       .user_agent = std::string(aws::find_header(request.headers, "user-agent")),
       .tls = std::string(answered.tls),
       .request_id = request.request_id,
       .status = response.status,
       .bytes_in = answered.bytes_in,
       .bytes_out = answered.bytes_out,
       .took_us = took_us,
       .service = response.service,
       .operation = response.operation,
       .access_key_id = response.access_key_id,
       .error_code = response.error_code});
  auto& metrics = shared.metrics;
  metrics.add("cairn_http_requests_total",
              {{"service", response.service},
               {"operation", response.operation},
               {"status", fmt::format("{}xx", response.status / 100)}},
              1);
  metrics.observe_seconds("cairn_http_request_seconds",
                          {{"service", response.service}, {"operation", response.operation}},
                          static_cast<double>(took_us) / 1e6);
  metrics.add("cairn_http_received_bytes_total", {}, static_cast<double>(answered.bytes_in));
  metrics.add("cairn_http_sent_bytes_total", {}, static_cast<double>(answered.bytes_out));
}

}  // namespace cairn::server::internal
