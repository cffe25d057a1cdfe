// Small questions about text that several modules ask.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

/// Single-character edits (insert, delete, replace, swap of neighbours) that make `a` into `b`,
/// without regard to ASCII case.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `wanted`, or "" when none is near enough to be worth a suggestion.
std::string_view nearest_name(std::string_view wanted,
                              std::span<const std::string_view> candidates);

/// ASCII only, as AWS names and SQL identifiers need.
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without the blanks, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

/// Nothing but decimal digits; the empty text too.
bool all_digits(std::string_view text);
/// The same, and of this length.
bool all_digits(std::string_view text, size_t length);

/// The 12 digits of an AWS account.
bool is_account_id(std::string_view text);

/// Lower-case letters, digits and dashes as in "us-gov-west-1": what may go into a host name.
bool is_region_name(std::string_view text);

/// Appends `text` as a JSON string, quotes included. Control characters are escaped; invalid UTF-8
/// must have been repaired before.
void append_json_string(std::string& out, std::string_view text);

/// Returns `text` as append_json_string writes it.
std::string json_string(std::string_view text);

/// `text` with control characters (also C1 and the escape that begins terminal sequences) shown as
/// \xNN, so that hostile log content cannot drive a terminal. Newline and tab become \n and \t.
std::string printable(std::string_view text);

/// `1,234,567`
std::string with_thousands(uint64_t number);

/// `1.3 GB`, powers of 1,000 as disks and networks count.
std::string human_bytes(uint64_t bytes);

}  // namespace cairn
