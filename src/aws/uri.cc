#include "aws/uri.h"

#include "base/text.h"

namespace cairn::aws {
namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

}  // namespace

std::string uri_encode(std::string_view text, Slash slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    if (unreserved(c) || (c == '/' && slash == Slash::keep)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
  }
  return out;
}

std::string uri_decode(std::string_view text) {
  return decode(text, false);
}

std::string form_decode(std::string_view text) {
  return decode(text, true);
}

bool parse_url(std::string_view text, Url& out) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return false;
  out.scheme = to_lower(text.substr(0, colon));
  if (out.scheme != "http" && out.scheme != "https") return false;
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const auto host_end = text.find_first_of("/?");
  out.host = std::string(text.substr(0, host_end));
  for (const char c : out.host)
    if (!unreserved(c) && c != ':' && c != '[' && c != ']') return false;
  if (host_without_port(out.host).empty()) return false;
  text = host_end == std::string_view::npos ? std::string_view() : text.substr(host_end);
  const auto question = text.find('?');
  out.path = std::string(text.substr(0, question));
  out.query = question == std::string_view::npos ? "" : std::string(text.substr(question + 1));
  return true;
}

std::string_view host_without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto close = host.find(']');
    return close == std::string_view::npos ? std::string_view() : host.substr(1, close - 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace cairn::aws
