// Finds where JSON values begin and end, checking RFC 8259's grammar in one pass, without building
// anything: the raw text of each value stays the truth (digits, escapes, key order).
// docs/decisions/0002 says why this is not simdjson, which the tests use as the oracle.
//
// Texts must be padded: kJsonPadding readable bytes follow `end`, and the byte at `end` is NUL.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cairn::json {

inline constexpr size_t kJsonPadding = 64;

/// Nesting deeper than this is refused: 8 times what simdjson, jq and Python accept by default.
inline constexpr int kDepthMax = 8192;

enum class Fault : uint8_t {
  none,
  incomplete,  ///< the text ends within the value
  bad_value,   ///< no JSON value begins here
  bad_string,  ///< a control character within a string
  bad_escape,
  bad_number,
  bad_object,  ///< no key, no colon, or neither comma nor brace
  bad_array,   ///< neither comma nor bracket
  too_deep,
};

/// One sentence part for messages: "a control character in a string".
std::string_view describe(Fault fault);

struct Scan {
  const char* at = nullptr;  ///< behind the value; with a fault, where it was noticed
  Fault fault = Fault::none;
  bool non_ascii = false;  ///< a byte above 0x7F was seen in a string
  bool escaped = false;    ///< of scan_string(): an escape was seen
  /// Of scan_value_and_names(): an object has a name with an escape, or perhaps the same name
  /// twice. plain_names() in base/json_names.h tells.
  bool odd_names = false;
};

/// Skips blanks, tabs and line ends.
inline const char* skip_space(const char* p) {
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') ++p;
  return p;
}

/// Scans one value that begins at `p` (no blanks before it).
Scan scan_value(const char* p, const char* end);

/// Does the same, and watches the names of objects: see Scan::odd_names.
Scan scan_value_and_names(const char* p, const char* end);

/// Scans a string whose opening quote is at `p`.
Scan scan_string(const char* p, const char* end);

/// Steps through the members of a complete, valid object text `{…}` in a padded buffer (or in the
/// middle of one). `visit(key, value)` gets the key without its quotes, as it is written, and the
/// value's text; returning false stops.
template <class Visit>
void for_each_member(std::string_view object, Visit&& visit);

/// The same for the elements of a valid array text.
template <class Visit>
void for_each_element(std::string_view array, Visit&& visit);

/// Whether a member's name, as it is written between its quotes in a JSON text, means `name`.
bool is_named(std::string_view written, std::string_view name);

/// Raw text of member `key` of a valid object text, the last one if it is repeated; empty if
/// absent. Names are compared as they are meant, not as they are written.
std::string_view find_member(std::string_view object, std::string_view key);

/// The text of a JSON string (`raw` with its quotes) in UTF-8. Lone surrogates become U+FFFD.
/// Appends to `out`.
void append_unescaped(std::string& out, std::string_view raw);

/// `raw` is a string's text: its content, unescaped if need be into `scratch`.
std::string_view string_content(std::string_view raw, std::string& scratch);

inline bool is_string(std::string_view raw) {
  return !raw.empty() && raw.front() == '"';
}

inline bool is_object(std::string_view raw) {
  return !raw.empty() && raw.front() == '{';
}

inline bool is_array(std::string_view raw) {
  return !raw.empty() && raw.front() == '[';
}

inline bool is_null(std::string_view raw) {
  return raw == "null";
}

/// Copies `text` with the padding that scans need behind it; the string's size includes the
/// padding.
std::string padded_copy(std::string_view text);

// Implementation of the templates.

template <class Visit>
void for_each_member(std::string_view object, Visit&& visit) {
  const char* const end = object.data() + object.size();
  const char* p = skip_space(object.data() + 1);
  while (*p == '"') {
    const Scan key = scan_string(p, end);
    const std::string_view name(p + 1, static_cast<size_t>(key.at - p - 2));
    p = skip_space(skip_space(key.at) + 1);  // behind the colon
    const Scan value = scan_value(p, end);
    if (value.fault != Fault::none) return;
    if (!visit(name, std::string_view(p, static_cast<size_t>(value.at - p)))) return;
    p = skip_space(value.at);
    if (*p != ',') return;
    p = skip_space(p + 1);
  }
}

template <class Visit>
void for_each_element(std::string_view array, Visit&& visit) {
  const char* const end = array.data() + array.size();
  const char* p = skip_space(array.data() + 1);
  while (*p != ']' && p < end) {
    const Scan value = scan_value(p, end);
    if (value.fault != Fault::none) return;
    if (!visit(std::string_view(p, static_cast<size_t>(value.at - p)))) return;
    p = skip_space(value.at);
    if (*p != ',') return;
    p = skip_space(p + 1);
  }
}

}  // namespace cairn::json
