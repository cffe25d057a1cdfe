#include "diagnose/template.h"

#include "base/text.h"

#include <algorithm>

namespace cairn::diagnose {
namespace {

template <class Show>
std::optional<std::string> fill_with(std::string_view text, const Facts& facts, Show&& show) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const size_t close = text.find('}', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      out += text;
      break;
    }
    out += text.substr(0, open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto value = facts.find(name);
    if (value == facts.end() || value->second.empty()) return std::nullopt;
    out += show(name, value->second);
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

std::optional<std::string> fill(std::string_view text, const Facts& facts) {
  return fill_with(text, facts, [](std::string_view, const std::string& value) { return value; });
}

std::optional<std::string> fill_command(std::string_view text, const Facts& facts) {
  return fill_with(text, facts, [](std::string_view name, const std::string& value) {
    if (!name.ends_with('s')) return shell_quote(value);
    std::string words;
    for (size_t at = 0; at <= value.size();) {
      const size_t end = std::min(value.find(' ', at), value.size());
      if (end > at) words += (words.empty() ? "" : " ") + shell_quote(value.substr(at, end - at));
      at = end + 1;
    }
    return words;
  });
}

std::string shell_quote(std::string_view word) {
  const bool plain =
      !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./:@%+=,").find(c) != std::string_view::npos;
      });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : printable(word)) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace cairn::diagnose
