// Text for XML documents that are small enough to be put together as they are read.
#pragma once

#include <string>
#include <string_view>

namespace cairn::aws {

/// Appends `text` with the characters escaped that XML 1.0 wants escaped. What XML 1.0 cannot hold
/// (control characters, what is no UTF-8) becomes U+FFFD.
void append_xml(std::string& out, std::string_view text);

/// `<name>text</name>`
void append_element(std::string& out, std::string_view name, std::string_view text);

}  // namespace cairn::aws
