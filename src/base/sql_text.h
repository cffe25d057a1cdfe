// Text as it stands in SQL: what comes from outside goes into a statement through these.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cairn {

/// `'text'`, quotes doubled.
std::string sql_literal(std::string_view text);

/// `"text"`, quotes doubled: a name.
std::string sql_name(std::string_view text);

/// `'a', 'b'`, as IN wants them.
std::string sql_list(std::span<const std::string> values);

}  // namespace cairn
