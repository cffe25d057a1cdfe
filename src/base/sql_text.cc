#include "base/sql_text.h"

namespace cairn {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out + quote;
}

}  // namespace

std::string sql_literal(std::string_view text) {
  return quoted(text, '\'');
}

std::string sql_name(std::string_view text) {
  return quoted(text, '"');
}

std::string sql_list(std::span<const std::string> values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + sql_literal(value);
  return out;
}

}  // namespace cairn
