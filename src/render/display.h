// Text on a terminal: what is safe to show there, and how many columns it takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::render {

/// `text` on one line: control characters as printable() shows them, and invisible characters that
/// reorder or hide text (bidirectional overrides, zero-width ones) as \u{202e}. Invalid UTF-8
/// becomes U+FFFD.
std::string shown(std::string_view text);

/// Terminal columns of a text that went through shown(): East Asian wide characters and emoji take
/// two, combining marks none.
size_t display_width(std::string_view text);

/// `text` in at most `columns` columns (at least 1), with … where it was cut.
std::string cut_to_width(std::string_view text, size_t columns);

/// The same, but the end of the text is kept.
std::string cut_start_to_width(std::string_view text, size_t columns);

}  // namespace cairn::render
