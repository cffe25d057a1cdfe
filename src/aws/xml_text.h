// Text for XML documents that are small enough to be put together as they are read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::aws {

inline constexpr std::string_view kXmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Appends `text` with the characters escaped that XML 1.0 wants escaped. What XML 1.0 cannot hold
/// (control characters, what is no UTF-8) becomes U+FFFD.
void append_xml(std::string& out, std::string_view text);

/// A document of S3's: `<root xmlns="…">inner</root>` behind the head.
std::string s3_document(std::string_view root, std::string_view inner);

/// `2025-03-14T09:11:22.000Z`: whole seconds, as S3 tells them.
std::string s3_instant(int64_t micros);

/// `<name>text</name>`
void append_element(std::string& out, std::string_view name, std::string_view text);

}  // namespace cairn::aws
