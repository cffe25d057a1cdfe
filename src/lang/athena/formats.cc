#include "lang/athena/formats.h"

#include <array>

namespace cairn::lang::athena {
namespace {

struct MysqlSpecifier {
  char letter;
  std::string_view strftime;
};

constexpr std::array kMysql{
    MysqlSpecifier{'Y', "%Y"},  MysqlSpecifier{'y', "%y"},       MysqlSpecifier{'m', "%m"},
    MysqlSpecifier{'c', "%-m"}, MysqlSpecifier{'d', "%d"},       MysqlSpecifier{'e', "%-d"},
    MysqlSpecifier{'H', "%H"},  MysqlSpecifier{'k', "%-H"},      MysqlSpecifier{'h', "%I"},
    MysqlSpecifier{'I', "%I"},  MysqlSpecifier{'l', "%-I"},      MysqlSpecifier{'i', "%M"},
    MysqlSpecifier{'s', "%S"},  MysqlSpecifier{'S', "%S"},       MysqlSpecifier{'f', "%f"},
    MysqlSpecifier{'p', "%p"},  MysqlSpecifier{'T', "%H:%M:%S"}, MysqlSpecifier{'r', "%I:%M:%S %p"},
    MysqlSpecifier{'a', "%a"},  MysqlSpecifier{'W', "%A"},       MysqlSpecifier{'b', "%b"},
    MysqlSpecifier{'M', "%B"},  MysqlSpecifier{'j', "%j"},       MysqlSpecifier{'v', "%V"},
    MysqlSpecifier{'x', "%G"},  MysqlSpecifier{'%', "%%"},
};

struct JodaSpecifier {
  char letter;
  size_t count_max;  ///< for up to this many letters
  std::string_view strftime;
};

/// The first that fits, in this order.
constexpr std::array kJoda{
    JodaSpecifier{'y', 2, "%y"},  JodaSpecifier{'y', 9, "%Y"},  JodaSpecifier{'Y', 9, "%Y"},
    JodaSpecifier{'x', 9, "%G"},  JodaSpecifier{'M', 1, "%-m"}, JodaSpecifier{'M', 2, "%m"},
    JodaSpecifier{'M', 3, "%b"},  JodaSpecifier{'M', 9, "%B"},  JodaSpecifier{'d', 1, "%-d"},
    JodaSpecifier{'d', 2, "%d"},  JodaSpecifier{'H', 1, "%-H"}, JodaSpecifier{'H', 2, "%H"},
    JodaSpecifier{'h', 1, "%-I"}, JodaSpecifier{'h', 2, "%I"},  JodaSpecifier{'m', 1, "%-M"},
    JodaSpecifier{'m', 2, "%M"},  JodaSpecifier{'s', 1, "%-S"}, JodaSpecifier{'s', 2, "%S"},
    JodaSpecifier{'S', 3, "%g"},  JodaSpecifier{'S', 6, "%f"},  JodaSpecifier{'a', 9, "%p"},
    JodaSpecifier{'E', 3, "%a"},  JodaSpecifier{'E', 9, "%A"},  JodaSpecifier{'e', 1, "%u"},
    JodaSpecifier{'D', 9, "%j"},  JodaSpecifier{'w', 9, "%V"},  JodaSpecifier{'Z', 2, "%z"},
    JodaSpecifier{'Z', 9, "%Z"},  JodaSpecifier{'z', 9, "%Z"},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append_literal(std::string& out, char c) {
  out += c;
  if (c == '%') out += c;
}

/// Copies the quoted part that begins at `i`; gives the place behind it. '' is one quote.
size_t append_quoted(std::string& out, std::string_view format, size_t i) {
  if (i + 1 < format.size() && format[i + 1] == '\'') {
    out += '\'';
    return i + 2;
  }
  for (++i; i < format.size(); ++i) {
    if (format[i] != '\'') {
      append_literal(out, format[i]);
    } else if (i + 1 < format.size() && format[i + 1] == '\'') {
      out += '\'';
      ++i;
    } else {
      return i + 1;
    }
  }
  return i;
}

}  // namespace

Format from_mysql_format(std::string_view format) {
  Format out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out.strftime += format[i];
      continue;
    }
    if (++i == format.size()) return {.strftime = {}, .unknown = "%"};
    std::string_view found;
    for (const auto& specifier : kMysql)
      if (specifier.letter == format[i]) found = specifier.strftime;
    if (found.empty()) return {.strftime = {}, .unknown = std::string("%") + format[i]};
    out.strftime += found;
  }
  return out;
}

Format from_joda_format(std::string_view format) {
  Format out;
  for (size_t i = 0; i < format.size();) {
    if (format[i] == '\'') {
      i = append_quoted(out.strftime, format, i);
      continue;
    }
    if (!is_letter(format[i])) {
      append_literal(out.strftime, format[i++]);
      continue;
    }
    size_t count = 1;
    while (i + count < format.size() && format[i + count] == format[i]) ++count;
    std::string_view found;
    for (const auto& specifier : kJoda)
      if (found.empty() && specifier.letter == format[i] && count <= specifier.count_max)
        found = specifier.strftime;
    if (found.empty()) return {.strftime = {}, .unknown = std::string(format.substr(i, count))};
    out.strftime += found;
    i += count;
  }
  return out;
}

}  // namespace cairn::lang::athena
