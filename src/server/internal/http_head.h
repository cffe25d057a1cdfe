// The head of a request: read by Beast, but stricter where two readers could disagree on where a
// request ends. Source: RFC 9112.
#pragma once

#include "aws/http_message.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::server::internal {

using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

struct Head {
  aws::ServerRequest request{};
  bool keep_alive = true;
  bool expects_continue = false;
  bool has_body = false;
  std::optional<uint64_t> content_length{};  ///< nullopt: chunked, or no body
};

/// Where the head ends (behind its empty line), npos while it is not all there. Empty lines before
/// it count as its own.
size_t find_head_end(std::string_view bytes);

/// Reads a whole head into `head`, and into `parser`, which then takes the body. A fault leaves
/// both unusable.
std::optional<aws::HttpFault> read_head(std::string_view bytes, Parser& parser, Head& head);

}  // namespace cairn::server::internal
