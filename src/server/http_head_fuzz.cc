// Any bytes as requests on a connection: heads and bodies are read as a connection does.
#include "server/internal/http_head.h"

#include "base/check.h"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::server::internal;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (int requests = 0; requests < 16; ++requests) {
    const auto end = find_head_end(bytes);
    if (end == std::string_view::npos) return 0;
    CAIRN_CHECK(end <= bytes.size() && bytes.substr(0, end).ends_with("\r\n\r\n"));
    Parser parser;
    Head head;
    if (read_head(bytes.substr(0, end), parser, head)) return 0;
    CAIRN_CHECK(!head.request.method.empty() && head.request.target.front() == '/');
    bytes.remove_prefix(end);
    parser.body_limit(1 << 16);
    while (!parser.is_done()) {
      boost::beast::error_code code;
      const auto taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), code);
      if (code || taken == 0) return 0;
      bytes.remove_prefix(taken);
    }
    if (head.content_length) CAIRN_CHECK(parser.get().body().size() == *head.content_length);
  }
  return 0;
}
