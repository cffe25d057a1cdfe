#include "render/value_text.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <iterator>

namespace cairn::render {
namespace {

using engine::Cell;
using engine::TypeKind;

std::string fraction_text(int micros, int digits_min) {
  std::string digits = fmt::format("{:06}", micros);
  while (static_cast<int>(digits.size()) > digits_min && !digits.empty() && digits.back() == '0')
    digits.pop_back();
  return digits.empty() ? digits : "." + digits;
}

std::string offset_text(int64_t seconds) {
  const int64_t minutes = std::llabs(seconds) / 60;
  return fmt::format("{}{:02}:{:02}", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

struct LocalText {
  std::string date;
  std::string time;
  std::string offset;  ///< "" for UTC
};

LocalText local_text(int64_t micros, const TimeZone& zone, int fraction_digits_min) {
  const int64_t seconds = zone.offset_at(micros).count();
  int64_t shifted = 0;
  if (__builtin_add_overflow(micros, seconds * kMicrosPerSecond, &shifted)) shifted = micros;
  const CivilTime civil = to_civil(shifted);
  return {fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day),
          fmt::format("{:02}:{:02}:{:02}{}", civil.hour, civil.minute, civil.second,
                      fraction_text(civil.micros, fraction_digits_min)),
          zone.is_utc() ? std::string() : offset_text(seconds)};
}

/// The ends of the timeline, which SQL calls infinity, have no date.
bool is_infinite(int64_t micros) {
  return micros == INT64_MAX || micros == -INT64_MAX;
}

void append_hex(std::string& out, std::string_view bytes, std::string_view between) {
  for (size_t i = 0; i < bytes.size(); ++i)
    fmt::format_to(std::back_inserter(out), "{}{:02x}", i == 0 ? "" : between,
                   static_cast<unsigned char>(bytes[i]));
}

void append_nested_text(std::string& out, const Cell& cell, const TextStyle& style) {
  if (cell.is_null())
    out += "null";
  else
    append_text(out, cell, style);
}

void append_timestamp_text(std::string& out, const Cell& cell, const TextStyle& style) {
  if (is_infinite(cell.timestamp_us())) {
    out += cell.to_text();
    return;
  }
  out += timestamp_text(cell.timestamp_us(), style.zone, style.exact ? 3 : 0);
  if (cell.kind() == TypeKind::timestamp_tz && style.zone.is_utc()) out += " UTC";
}

void append_string(std::string& out, std::string_view text) {
  if (is_valid_utf8(text))
    append_json_string(out, text);
  else
    append_json_string(out, repair_utf8(text));
}

void append_real_json(std::string& out, double value) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(out), "{}", value);
  else
    append_json_string(out, java_double(value));
}

void append_nested_json(std::string& out, const Cell& cell, const TimeZone& zone) {
  const bool is_list = cell.kind() == TypeKind::list;
  out += is_list ? '[' : '{';
  for (size_t i = 0; i < cell.size(); ++i) {
    if (i > 0) out += ',';
    if (cell.kind() == TypeKind::structure) {
      const std::string& name = cell.type().field_names[i];
      append_string(out, name.empty() ? fmt::format("field{}", i) : name);
      out += ':';
    } else if (!is_list) {
      std::string key;
      append_text(key, cell.map_key(i), {.zone = zone, .exact = false});
      append_string(out, key);
      out += ':';
    }
    append_json(out, is_list || cell.kind() == TypeKind::structure ? cell.at(i) : cell.map_value(i),
                zone);
  }
  out += is_list ? ']' : '}';
}

}  // namespace

std::string timestamp_text(int64_t micros, const TimeZone& zone, int fraction_digits_min) {
  const LocalText local = local_text(micros, zone, fraction_digits_min);
  return local.date + " " + local.time + (local.offset.empty() ? "" : " " + local.offset);
}

std::string timestamp_iso8601(int64_t micros, const TimeZone& zone) {
  const LocalText local = local_text(micros, zone, 0);
  return local.date + "T" + local.time + (local.offset.empty() ? "Z" : local.offset);
}

std::string java_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const double size = std::fabs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e7)) {
    std::string text = fmt::format("{:e}", value);
    // The shortest digits that give the value back, which {:e} alone does not find.
    for (int digits = 0; digits <= 17; ++digits) {
      text = fmt::format("{:.{}e}", value, digits);
      if (std::strtod(text.c_str(), nullptr) == value) break;
    }
    const size_t e = text.find('e');
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    return fmt::format("{}E{}", mantissa, std::atoi(text.c_str() + e + 1));
  }
  std::string text = fmt::format("{}", value);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

void append_minified_json(std::string& out, std::string_view json) {
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\' && i + 1 < json.size()) {
      out += c;
      out += json[++i];
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    out += c;
  }
}

void append_text(std::string& out, const Cell& cell, const TextStyle& style) {
  if (cell.is_null()) return;
  switch (cell.kind()) {
    case TypeKind::varchar:
    case TypeKind::json:
      out += cell.text();
      return;
    case TypeKind::blob:
      append_hex(out, cell.text(), " ");
      return;
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz:
      append_timestamp_text(out, cell, style);
      return;
    case TypeKind::real:
      out += style.exact ? java_double(cell.real()) : cell.to_text();
      return;
    case TypeKind::list:
      out += '[';
      for (size_t i = 0; i < cell.size(); ++i) {
        if (i > 0) out += ", ";
        append_nested_text(out, cell.at(i), style);
      }
      out += ']';
      return;
    case TypeKind::structure:
      out += '{';
      for (size_t i = 0; i < cell.size(); ++i) {
        const std::string& name = cell.type().field_names[i];
        fmt::format_to(std::back_inserter(out), "{}{}=", i > 0 ? ", " : "",
                       name.empty() ? fmt::format("field{}", i) : name);
        append_nested_text(out, cell.at(i), style);
      }
      out += '}';
      return;
    case TypeKind::map:
      out += '{';
      for (size_t i = 0; i < cell.size(); ++i) {
        if (i > 0) out += ", ";
        append_nested_text(out, cell.map_key(i), style);
        out += '=';
        append_nested_text(out, cell.map_value(i), style);
      }
      out += '}';
      return;
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::number:
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::other:
      out += cell.to_text();
      return;
  }
}

void append_json(std::string& out, const Cell& cell, const TimeZone& zone) {
  if (cell.is_null()) {
    out += "null";
    return;
  }
  switch (cell.kind()) {
    case TypeKind::json:
      append_minified_json(out, cell.text());
      return;
    case TypeKind::real:
      append_real_json(out, cell.real());
      return;
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::number:
      out += cell.to_text();
      return;
    case TypeKind::blob:
      out += '"';
      append_hex(out, cell.text(), "");
      out += '"';
      return;
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz:
      append_string(out, is_infinite(cell.timestamp_us())
                             ? cell.to_text()
                             : timestamp_iso8601(cell.timestamp_us(), zone));
      return;
    case TypeKind::list:
    case TypeKind::structure:
    case TypeKind::map:
      append_nested_json(out, cell, zone);
      return;
    case TypeKind::varchar:
      append_string(out, cell.text());
      return;
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::other:
      append_string(out, cell.to_text());
      return;
  }
}

}  // namespace cairn::render
