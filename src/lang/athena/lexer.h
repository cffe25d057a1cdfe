// Tokens of SQL as DuckDB's own lexer sees them: strings, quoted names and comments are never
// mistaken for anything else. Not a parser: DuckDB parses.
#pragma once

#include "lang/athena/fault.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

enum class TokenKind : uint8_t { word, quoted_name, string, number, symbol };

struct Token {
  TokenKind kind = TokenKind::symbol;
  size_t begin = 0;  ///< bytes in the text
  size_t end = 0;
};

struct Tokens {
  std::vector<Token> list;
  std::optional<Fault> fault;  ///< an unfinished string, name or comment; `list` ends before it
};

Tokens tokenize(std::string_view sql);

/// What keeps `condition` from standing in brackets in a statement's WHERE without changing what is
/// around it: it is empty, closes a bracket that it did not open, has a `;` or an unfinished
/// string or comment.
std::optional<Fault> fault_of_condition(std::string_view condition);

/// The name that a word or quoted-name token stands for: quotes taken off, doubled ones made one.
std::string name_of(const Token& token, std::string_view sql);

/// 8-4-4-4-12 hexadecimal digits: the id of a CloudTrail Lake event data store.
bool is_uuid(std::string_view text);

}  // namespace cairn::lang::athena
