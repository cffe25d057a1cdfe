// Where a page ended, as the opaque text that LookupEvents calls NextToken.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::history {

/// Place of an event in the order of a lookup: newest first, then by eventID, then by file.
struct Cursor {
  std::optional<int64_t> time_us{};
  std::string event_id{};
  std::string file{};  ///< only of events without an id
  int64_t record = 0;

  bool operator==(const Cursor&) const = default;
};

/// `request` is any text that is the same for requests that may share tokens.
std::string encode_token(const Cursor& cursor, std::string_view request);

/// Fails with InvalidNextTokenException for what encode_token did not make, or made for another
/// request.
Result<Cursor> decode_token(std::string_view token, std::string_view request);

}  // namespace cairn::history
