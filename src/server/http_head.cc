#include "server/internal/http_head.h"

#include "aws/uri.h"
#include "base/text.h"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <string>

namespace cairn::server::internal {
namespace {

namespace http = boost::beast::http;

constexpr size_t kHeadersMax = 200;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_token_character(char c) {
  const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return word || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Line by line: every line ends with CRLF and holds no other CR, LF or NUL; a header's name is a
// token with the colon right behind it, which also refuses continued lines.
bool is_strict(std::string_view head) {
  bool first = true;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    if (end == head.npos) return false;
    const auto line = head.substr(0, end);
    head.remove_prefix(end + 2);
    for (const char c : line)
      if (c == '\r' || c == '\n' || c == '\0') return false;
    if (line.empty()) return head.empty() && !first;
    if (!first) {
      const auto colon = line.find(':');
      if (colon == line.npos || colon == 0) return false;
      if (!std::all_of(line.begin(), line.begin() + static_cast<ptrdiff_t>(colon),
                       is_token_character))
        return false;
    }
    first = false;
  }
  return false;
}

/// The path and query of a request's target; of the absolute form too (RFC 9112 §3.2.2), when it
/// names the host that the header names. Empty: neither.
std::string path_of(std::string_view target, std::string_view host) {
  if (target.starts_with('/')) return std::string(target);
  aws::Url url;
  if (target.find('#') != target.npos || !aws::parse_url(target, url) ||
      !equals_ignoring_case(url.host, host))
    return "";
  if (url.path.empty()) url.path = "/";
  return target.find('?') == target.npos ? url.path : url.path + '?' + url.query;
}

size_t count_of(const Parser& parser, http::field field) {
  return parser.get().count(field);
}

}  // namespace

size_t find_head_end(std::string_view bytes) {
  size_t begin = 0;
  while (bytes.substr(begin).starts_with("\r\n")) begin += 2;
  const auto end = bytes.find("\r\n\r\n", begin);
  return end == bytes.npos ? bytes.npos : end + 4;
}

std::optional<aws::HttpFault> read_head(std::string_view bytes, Parser& parser, Head& head) {
  while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  // The request's own line and the empty one are lines too.
  if (std::count(bytes.begin(), bytes.end(), '\n') > static_cast<ptrdiff_t>(kHeadersMax + 2))
    return aws::HttpFault::header_too_large;
  if (!is_strict(bytes)) return aws::HttpFault::malformed;
  parser.header_limit(static_cast<uint32_t>(std::min<size_t>(bytes.size() + 1, UINT32_MAX)));
  parser.body_limit(boost::none);  // the caller's, once the head is known
  parser.eager(false);
  boost::beast::error_code code;
  const auto taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), code);
  if (code == http::error::header_limit) return aws::HttpFault::header_too_large;
  if (code || !parser.is_header_done() || taken != bytes.size()) return aws::HttpFault::malformed;

  const auto& message = parser.get();
  const auto target = view(message.target());
  if (message.version() != 10 && message.version() != 11) return aws::HttpFault::malformed;
  if (count_of(parser, http::field::host) > 1 ||
      (message.version() == 11 && count_of(parser, http::field::host) == 0))
    return aws::HttpFault::malformed;
  if (count_of(parser, http::field::content_length) > 1 ||
      count_of(parser, http::field::transfer_encoding) > 1)
    return aws::HttpFault::malformed;
  if (count_of(parser, http::field::transfer_encoding) == 1) {
    if (count_of(parser, http::field::content_length) > 0 || message.version() == 10)
      return aws::HttpFault::malformed;
    if (!equals_ignoring_case(view(message[http::field::transfer_encoding]), "chunked"))
      return aws::HttpFault::unsupported;
  }
  head.request.method = view(message.method_string());
  head.request.target = path_of(target, view(message[http::field::host]));
  if (head.request.target.empty()) return aws::HttpFault::malformed;
  for (const auto& field : message) {
    const auto value = view(field.value());
    head.request.headers.push_back({std::string(view(field.name_string())), std::string(value)});
  }
  head.keep_alive = message.keep_alive();
  if (count_of(parser, http::field::expect) > 0) {
    if (!equals_ignoring_case(view(message[http::field::expect]), "100-continue"))
      return aws::HttpFault::unsupported;
    head.expects_continue = message.version() == 11;
  }
  if (const auto length = parser.content_length()) head.content_length = *length;
  head.has_body = parser.chunked() || head.content_length.value_or(0) > 0;
  return std::nullopt;
}

}  // namespace cairn::server::internal
