#include "lang/athena/json_path.h"

namespace cairn::lang::athena {
namespace {

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

/// Takes `"any text"` off the front of `rest`; `\"` and `\\` are the escapes.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string name;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return name;
    }
    if (rest[i] == '\\') {
      if (i + 1 >= rest.size() || (rest[i + 1] != '"' && rest[i + 1] != '\\')) return std::nullopt;
      ++i;
    }
    name += rest[i];
  }
  return std::nullopt;
}

std::string take_name(std::string_view& rest) {
  size_t size = 0;
  while (size < rest.size() && is_name_part(rest[size])) ++size;
  std::string name(rest.substr(0, size));
  rest.remove_prefix(size);
  return name;
}

}  // namespace

std::string pointer_step(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::optional<std::string> json_pointer(std::string_view path) {
  if (path.empty() || path.front() != '$') return std::nullopt;
  std::string_view rest = path.substr(1);
  if (rest.empty()) return "$";
  std::string pointer;
  while (!rest.empty()) {
    const bool subscript = rest.front() == '[';
    if (!subscript && rest.front() != '.') return std::nullopt;
    rest.remove_prefix(1);
    std::string name;
    if (subscript && !rest.empty() && rest.front() == '"') {
      auto quoted = take_quoted(rest);
      if (!quoted) return std::nullopt;
      name = *std::move(quoted);
    } else {
      name = take_name(rest);
      if (name.empty()) return std::nullopt;
    }
    if (subscript) {
      if (rest.empty() || rest.front() != ']') return std::nullopt;
      rest.remove_prefix(1);
    }
    pointer += pointer_step(name);
  }
  return pointer;
}

}  // namespace cairn::lang::athena
