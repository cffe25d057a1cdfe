// One value of a result as text: as Athena writes it, or as JSON.
#pragma once

#include "engine/result_set.h"
#include "render/time_zone.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::render {

struct TextStyle {
  TimeZone zone = {};  ///< in which instants are shown, with their offset unless it is UTC
  bool exact = false;  ///< as Athena's CSV files: times with at least three digits of fraction,
                       ///< doubles as Java prints them; else as people read them best
};

/// Appends the value in Athena's forms: `2024-01-02 03:04:05.678`, `[a, b]`, `{k=v}`, `null` within
/// those, bytes as `0a ff`. NULL itself appends nothing.
void append_text(std::string& out, const engine::Cell& cell, const TextStyle& style);

/// Appends the value as JSON: digits as they are, instants as ISO 8601 strings, structs and maps as
/// objects, JSON embedded without its blanks, bytes as hexadecimal digits, what JSON cannot hold
/// (NaN, intervals) as strings.
void append_json(std::string& out, const engine::Cell& cell, const TimeZone& zone);

/// `2024-01-02 03:04:05.678`, `… +01:00` in a zone that is not UTC; `fraction_digits_min` 0 or 3.
std::string timestamp_text(int64_t micros, const TimeZone& zone, int fraction_digits_min);

/// `2024-01-02T03:04:05.678Z`, or with an offset.
std::string timestamp_iso8601(int64_t micros, const TimeZone& zone);

/// As Java's Double.toString and so Athena: `1.0`, `1.0E7`, `NaN`, `Infinity`.
std::string java_double(double value);

/// Appends valid JSON text without the blanks between its tokens.
void append_minified_json(std::string& out, std::string_view json);

}  // namespace cairn::render
