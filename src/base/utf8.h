// UTF-8: is it, and what to do when it is not.
#pragma once

#include <string>
#include <string_view>

namespace cairn {

bool is_valid_utf8(std::string_view text);

/// `text` with each maximal ill-formed part replaced by U+FFFD, as the Unicode Standard §3.9
/// advises.
std::string repair_utf8(std::string_view text);

}  // namespace cairn
