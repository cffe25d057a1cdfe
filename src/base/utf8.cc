#include "base/utf8.h"

#include <simdjson.h>

namespace cairn {
namespace {

struct Range {
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

// Length of the well-formed sequence at the front of `text`, or minus the length of the ill-formed
// part.
int sequence(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  int length = 0;
  Range second;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (lead == 0xE0) second.low = 0xA0;
  if (lead == 0xED) second.high = 0x9F;
  if (lead == 0xF0) second.low = 0x90;
  if (lead == 0xF4) second.high = 0x8F;
  if (length == 0) return -1;
  for (int i = 1; i < length; ++i) {
    const Range range = i == 1 ? second : Range{};
    const auto at = static_cast<size_t>(i);
    if (at >= text.size() || byte(at) < range.low || byte(at) > range.high) return -i;
  }
  return length;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const int length = sequence(text);
    if (length > 0) {
      out.append(text.substr(0, static_cast<size_t>(length)));
      text.remove_prefix(static_cast<size_t>(length));
    } else {
      out.append("\xEF\xBF\xBD");
      text.remove_prefix(static_cast<size_t>(-length));
    }
  }
  return out;
}

}  // namespace cairn
