#include "history/internal/page_token.h"

#include "base/crypto.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cairn::history {
namespace {

constexpr std::string_view kVersion = "2";
constexpr size_t kParts = 5;
constexpr size_t kSumBytes = 8;

Error invalid_token(std::string_view why) {
  return Error{ErrorKind::invalid_argument,
               fmt::format("the next token cannot be used: {}\nhint: repeat the lookup without it, "
                           "and go on with the token that it gives",
                           why),
               "InvalidNextTokenException"};
}

/// Of the request: a token belongs to one.
std::string fingerprint(std::string_view text) {
  return sha256(text).substr(0, kSumBytes);
}

std::optional<int64_t> to_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Texts that go into SQL.
bool is_usable(const Cursor& cursor) {
  constexpr int64_t kYear1 = -62'135'596'800'000'000;
  constexpr int64_t kYear10000 = 253'402'300'800'000'000;
  return is_valid_utf8(cursor.event_id) && is_valid_utf8(cursor.file) && cursor.record >= 0 &&
         (!cursor.time_us || (*cursor.time_us >= kYear1 && *cursor.time_us < kYear10000));
}

}  // namespace

std::string encode_token(const Cursor& cursor, std::string_view request) {
  // The parts end in NUL, which no id and no path holds.
  std::string plain = fmt::format("{}{}{}{}{}{}{}{}{}{}", kVersion, '\0',
                                  cursor.time_us ? std::to_string(*cursor.time_us) : "", '\0',
                                  cursor.event_id, '\0', cursor.file, '\0', cursor.record, '\0');
  plain += fingerprint(request);
  return to_hex(plain + sha256(plain).substr(0, kSumBytes));
}

// A sum tells of damage. It is no proof: a service that must know its own tokens signs them.
Result<Cursor> decode_token(std::string_view token, std::string_view request) {
  const auto bytes = from_hex(token);
  if (!bytes || to_hex(*bytes) != token || bytes->size() < 2 * kSumBytes)
    return invalid_token("it is not one that a lookup gave");
  const auto summed = std::string_view(*bytes).substr(0, bytes->size() - kSumBytes);
  if (sha256(summed).substr(0, kSumBytes) != bytes->substr(summed.size()))
    return invalid_token("it is not whole");
  std::array<std::string_view, kParts> parts;
  auto rest = summed.substr(0, summed.size() - kSumBytes);
  for (auto& part : parts) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return invalid_token("it is not whole");
    part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() || parts[0] != kVersion)
    return invalid_token("it is not one that a lookup gave");
  if (summed.substr(summed.size() - kSumBytes) != fingerprint(request))
    return invalid_token("it belongs to a lookup with other parameters");
  Cursor cursor{.event_id = std::string(parts[2]), .file = std::string(parts[3])};
  const auto record = to_number(parts[4]);
  if (!parts[1].empty()) cursor.time_us = to_number(parts[1]);
  if (!record || (!parts[1].empty() && !cursor.time_us)) return invalid_token("it is damaged");
  cursor.record = *record;
  if (!is_usable(cursor)) return invalid_token("it is damaged");
  return cursor;
}

}  // namespace cairn::history
