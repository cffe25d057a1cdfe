#include "history/internal/page_token.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cairn::history {
namespace {

constexpr std::string_view kVersion = "1";
constexpr size_t kParts = 6;

Error invalid_token(std::string_view why) {
  return Error{ErrorKind::invalid_argument,
               fmt::format("the next token cannot be used: {}\nhint: repeat the lookup without it, "
                           "and go on with the token that it gives",
                           why),
               "InvalidNextTokenException"};
}

/// FNV-1a: tells requests apart, it protects nothing.
uint64_t fingerprint(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const auto high = hex_digit(hex[i]);
    const auto low = hex_digit(hex[i + 1]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
  }
  return out;
}

std::optional<int64_t> to_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string encode_token(const Cursor& cursor, std::string_view request) {
  // The parts end in NUL, which no id and no path holds.
  const std::string plain =
      fmt::format("{}{}{:016x}{}{}{}{}{}{}{}{}{}", kVersion, '\0', fingerprint(request), '\0',
                  cursor.time_us ? std::to_string(*cursor.time_us) : "", '\0', cursor.event_id,
                  '\0', cursor.file, '\0', cursor.record, '\0');
  std::string token;
  token.reserve(plain.size() * 2);
  for (const char c : plain)
    fmt::format_to(std::back_inserter(token), "{:02x}", static_cast<unsigned char>(c));
  return token;
}

Result<Cursor> decode_token(std::string_view token, std::string_view request) {
  const auto plain = from_hex(token);
  if (!plain) return invalid_token("it is not one that a lookup gave");
  std::array<std::string_view, kParts> parts;
  std::string_view rest = *plain;
  for (auto& part : parts) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return invalid_token("it is not whole");
    part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() || parts[0] != kVersion)
    return invalid_token("it is not one that a lookup gave");
  if (parts[1] != fmt::format("{:016x}", fingerprint(request)))
    return invalid_token("it belongs to a lookup with other parameters");
  Cursor cursor{.event_id = std::string(parts[3]), .file = std::string(parts[4])};
  const auto record = to_number(parts[5]);
  if (!parts[2].empty()) cursor.time_us = to_number(parts[2]);
  if (!record || (!parts[2].empty() && !cursor.time_us)) return invalid_token("it is damaged");
  cursor.record = *record;
  return cursor;
}

}  // namespace cairn::history
