// How deep JSON is nested, before a parser whose result is worked on by recursion sees it.
#pragma once

#include <string_view>

namespace cairn::json {

/// Whether more than `levels` objects and lists stand within one another. Of text that is no JSON
/// it may say either.
bool nests_deeper(std::string_view text, int levels);

}  // namespace cairn::json
