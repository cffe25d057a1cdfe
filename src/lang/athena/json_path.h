// Paths of Athena's json_extract() (Trino's legacy JSON paths): `$.name`, `$["any name"]`, `$[0]`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::lang::athena {

/// The path as a JSON pointer ("$.a[0]" is "/a/0"); "$" alone stays "$". nullopt where Trino says
/// "Invalid JSON path": unquoted names hold letters, digits, `_` and `:` only; no wildcards.
std::optional<std::string> json_pointer(std::string_view path);

/// `name` as one step of a JSON pointer: "/" and the name, escaped.
std::string pointer_step(std::string_view name);

}  // namespace cairn::lang::athena
