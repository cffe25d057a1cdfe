#include "cli/statements.h"

#include <algorithm>

namespace cairn::cli {
namespace {

/// Behind what begins at `at`: a quoted text, a comment, or one character.
size_t token_end(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\'' || c == '"') {  // a doubled quote within begins a new one at once: the same end
    const size_t end = text.find(c, at + 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) == "/*") {
    const size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  return at + 1;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Statements split_statements(std::string_view text) {
  Statements found;
  size_t begin = 0;
  bool empty = true;  // only blanks and comments since `begin`
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ';') {
      if (!empty) found.complete.emplace_back(trimmed(text.substr(begin, at - begin)));
      empty = true;
      begin = ++at;
      continue;
    }
    const size_t end = token_end(text, at);
    const bool comment = text.substr(at, 2) == "--" || text.substr(at, 2) == "/*";
    // A comment that is not closed yet belongs to a statement that goes on.
    if (!comment && !is_space(text[at])) empty = false;
    if (text.substr(at, 2) == "/*" && !text.substr(0, end).ends_with("*/")) empty = false;
    at = end;
  }
  if (!empty) found.rest = trimmed(text.substr(begin));
  return found;
}

}  // namespace cairn::cli
