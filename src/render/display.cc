#include "render/display.h"

#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace cairn::render {
namespace {

constexpr utf8proc_int32_t kZeroWidthNonJoiner = 0x200C;
constexpr utf8proc_int32_t kZeroWidthJoiner = 0x200D;
constexpr utf8proc_int32_t kEmojiPresentation = 0xFE0F;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The code point that `text` begins with, and its length in bytes.
size_t decode(std::string_view text, utf8proc_int32_t& code_point) {
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (length > 0) return static_cast<size_t>(length);
  code_point = 0xFFFD;
  return 1;
}

bool hides_or_reorders(utf8proc_int32_t code_point) {
  if (code_point == kZeroWidthJoiner || code_point == kZeroWidthNonJoiner) return false;
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

/// What a person sees as one character.
struct Grapheme {
  size_t bytes = 0;
  size_t width = 0;
};

Grapheme next_grapheme(std::string_view text) {
  utf8proc_int32_t last = 0;
  Grapheme grapheme{.bytes = decode(text, last), .width = 0};
  grapheme.width = static_cast<size_t>(std::max(0, utf8proc_charwidth(last)));
  utf8proc_int32_t state = 0;
  while (grapheme.bytes < text.size()) {
    utf8proc_int32_t code_point = 0;
    const size_t bytes = decode(text.substr(grapheme.bytes), code_point);
    if (utf8proc_grapheme_break_stateful(last, code_point, &state)) break;
    const auto width = static_cast<size_t>(std::max(0, utf8proc_charwidth(code_point)));
    grapheme.width = std::max(grapheme.width, width);
    if (code_point == kEmojiPresentation) grapheme.width = 2;
    grapheme.bytes += bytes;
    last = code_point;
  }
  return grapheme;
}

}  // namespace

std::string shown(std::string_view text) {
  if (is_ascii(text)) return printable(text);
  const std::string safe = printable(is_valid_utf8(text) ? std::string(text) : repair_utf8(text));
  std::string out;
  out.reserve(safe.size());
  for (std::string_view rest = safe; !rest.empty();) {
    utf8proc_int32_t code_point = 0;
    const size_t bytes = decode(rest, code_point);
    if (hides_or_reorders(code_point))
      fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", code_point);
    else
      out += rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  return out;
}

size_t display_width(std::string_view text) {
  if (is_ascii(text)) return text.size();
  size_t width = 0;
  while (!text.empty()) {
    const Grapheme grapheme = next_grapheme(text);
    width += grapheme.width;
    text.remove_prefix(grapheme.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  size_t width = 0;
  while (!text.empty()) {
    const Grapheme grapheme = next_grapheme(text);
    if (width + grapheme.width + 1 > columns) break;
    out += text.substr(0, grapheme.bytes);
    width += grapheme.width;
    text.remove_prefix(grapheme.bytes);
  }
  return out + "…";
}

std::string cut_start_to_width(std::string_view text, size_t columns) {
  size_t width = display_width(text);
  if (width <= columns) return std::string(text);
  while (!text.empty() && width + 1 > columns) {
    const Grapheme grapheme = next_grapheme(text);
    width -= std::min(width, grapheme.width);
    text.remove_prefix(grapheme.bytes);
  }
  return "…" + std::string(text);
}

}  // namespace cairn::render
