// Percent-encoding as AWS does it: RFC 3986's unreserved characters stay, all else is %XX.
#pragma once

#include <string>
#include <string_view>

namespace cairn::aws {

enum class Slash : bool { encode, keep };

std::string uri_encode(std::string_view text, Slash slash = Slash::encode);

/// Undoes %XX; what is no valid escape stays as it is. '+' stays a plus.
std::string uri_decode(std::string_view text);

/// Undoes %XX and '+' for a blank, as HTML forms and S3's `encoding-type=url` write.
std::string form_decode(std::string_view text);

/// A URL apart. `path` and `query` as they were written, without '?'; a fragment is dropped.
struct Url {
  std::string scheme{};  ///< lower case
  std::string host{};    ///< with ":port" when one was written
  std::string path{};    ///< "" or begins with '/'
  std::string query{};
};

/// Takes http and https URLs with a host and without user and password; else false.
bool parse_url(std::string_view text, Url& out);

/// "127.0.0.1:9000" → "127.0.0.1"; "[::1]:80" → "::1".
std::string_view host_without_port(std::string_view host);

}  // namespace cairn::aws
