// The head of a request: read by Beast, but stricter where two readers could disagree on where a
// request ends. Source: RFC 9112.
#pragma once

#include "aws/http_message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::server::internal {

/// A body that is a string of the bytes that have arrived. Beast's own string_body reserves all
/// that Content-Length announces.
struct ArrivingBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): Beast names it
   public:
    template <bool kIsRequest, class Fields>
    reader(boost::beast::http::header<kIsRequest, Fields>& /*head*/, value_type& body)
        : body_(body) {}

    void init(const boost::optional<uint64_t>& /*announced*/, boost::beast::error_code& code) {
      code = {};
    }

    template <class Buffers>
    size_t put(const Buffers& buffers, boost::beast::error_code& code) {
      code = {};
      size_t taken = 0;
      for (const auto piece : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(piece.data()), piece.size());
        taken += piece.size();
      }
      return taken;
    }

    void finish(boost::beast::error_code& code) { code = {}; }

   private:
    value_type& body_;
  };
};

using Parser = boost::beast::http::request_parser<ArrivingBody>;

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
