// DEFLATE (RFC 1951) without a wrapper, as Avro's files hold it; a text at a time.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace cairn {

/// Fails with `exhausted` when memory is short.
Result<std::string> deflate(std::string_view text);

/// Up to four bytes may follow: Python's Avro writers leave part of zlib's checksum there. Fails
/// with `corrupt`, and with `exhausted` when the text is longer than `size_max`.
Result<std::string> inflate_raw(std::string_view compressed, size_t size_max);

}  // namespace cairn
