#include "aws/xml_text.h"

#include "base/time.h"
#include "base/utf8.h"

#include <fmt/format.h>

namespace cairn::aws {

void append_xml(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) return append_xml(out, repair_utf8(text));
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':  // a parser would take it for a line end
        out += "&#13;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
          out += "\xEF\xBF\xBD";
        else
          out += c;
    }
  }
}

std::string s3_instant(int64_t micros) {
  auto time = format_iso8601(micros - micros % kMicrosPerSecond);
  return time.insert(time.size() - 1, ".000");
}

std::string s3_document(std::string_view root, std::string_view inner) {
  return fmt::format("{0}<{1} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{2}</{1}>",
                     kXmlHead, root, inner);
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  ((out += '<') += name) += '>';
  append_xml(out, text);
  ((out += "</") += name) += '>';
}

}  // namespace cairn::aws
