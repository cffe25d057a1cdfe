#include "lang/athena/prepare.h"

#include "base/text.h"
#include "base/utf8.h"
#include "lang/athena/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::lang::athena {
namespace {

constexpr size_t kStatementMax = 262'144;

struct Refused {
  std::string_view word;
  std::string_view hint;
};

constexpr std::string_view kNoTables =
    "nothing has to be created or loaded here: query `cloudtrail` or `cloudtrail_logs` directly";

/// Statements that are no query, by their first word.
constexpr std::array kRefused{
    Refused{"CREATE", kNoTables},
    Refused{"ALTER", kNoTables},
    Refused{"DROP", kNoTables},
    Refused{"MSCK", kNoTables},
    Refused{"INSERT", "run its SELECT alone; `cairn sql --output FILE.parquet` keeps the rows"},
    Refused{"UNLOAD", "run its SELECT alone; `cairn sql --output FILE.parquet` keeps the rows"},
    Refused{"UPDATE", "logs are read, never changed; run a SELECT"},
    Refused{"DELETE", "logs are read, never changed; run a SELECT"},
    Refused{"MERGE", "logs are read, never changed; run a SELECT"},
    Refused{"PREPARE", "write the values into the SELECT"},
    Refused{"EXECUTE", "write the values into the SELECT"},
    Refused{"DEALLOCATE", "write the values into the SELECT"},
    Refused{"USE", "write DATABASE.TABLE; any database name is accepted"},
    Refused{"SET", "run a SELECT"},
    Refused{"RESET", "run a SELECT"},
    Refused{"COPY", "`cairn sql --output FILE.parquet` keeps the rows of a SELECT"},
    Refused{"ATTACH", "run a SELECT"},
    Refused{"INSTALL", "run a SELECT"},
    Refused{"LOAD", "run a SELECT"},
    Refused{"PRAGMA", "run a SELECT"},
    Refused{"CALL", "run a SELECT"},
    Refused{"ANALYZE", "run a SELECT"},
    Refused{"VACUUM", "run a SELECT"},
    Refused{"GRANT", "run a SELECT"},
    Refused{"REVOKE", "run a SELECT"},
};

class Preparer {
 public:
  explicit Preparer(std::string_view text) : text_(text) {}

  Prepared run() {
    if (check_text() && check_tokens()) {
      edit_tokens();
      out_.sql = edited();
    }
    return std::move(out_);
  }

 private:
  bool fail(Fault fault) {
    out_.fault = std::move(fault);
    return false;
  }

  bool check_text() {
    if (text_.size() > kStatementMax)
      return fail({.message = fmt::format("the statement has {} bytes; at most {} are accepted",
                                          text_.size(), kStatementMax)});
    if (const size_t nul = text_.find('\0'); nul != std::string_view::npos)
      return fail({.message = "the statement holds a NUL byte", .position = nul});
    if (!is_valid_utf8(text_)) return fail({.message = "the statement is not valid UTF-8"});
    auto tokens = tokenize(text_);
    if (tokens.fault) return fail(*std::move(tokens.fault));
    tokens_ = std::move(tokens.list);
    return true;
  }

  std::string_view text(size_t i) const {
    if (i >= tokens_.size()) return {};
    return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }

  bool is_word(size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::word &&
           equals_ignoring_case(text(i), word);
  }

  bool is_symbol(size_t i, char symbol) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::symbol &&
           text_[tokens_[i].begin] == symbol;
  }

  Fault at(size_t i, std::string message, std::string hint = {}) const {
    return {.message = std::move(message),
            .position = tokens_[i].begin,
            .length = tokens_[i].end - tokens_[i].begin,
            .note = {},
            .hint = std::move(hint)};
  }

  bool check_tokens() {
    while (!tokens_.empty() && is_symbol(tokens_.size() - 1, ';')) {
      erase(tokens_.size() - 1);
      tokens_.pop_back();
    }
    if (tokens_.empty()) return fail({.message = "the statement is empty", .hint = kExample});
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (is_symbol(i, ';'))
        return fail(at(i, "one statement at a time", "run the statements one by one"));
      if (is_symbol(i, '`'))
        return fail(at(i, "'`' quotes names in Athena's DDL only", "write \"name\""));
      if (is_symbol(i, '=') && is_symbol(i + 1, '=') && tokens_[i].end == tokens_[i + 1].begin) {
        Fault fault = at(i, "'==' is no operator of Athena's SQL", "write '='");
        fault.length = 2;
        return fail(std::move(fault));
      }
    }
    return check_kind();
  }

  bool check_kind() {
    for (const auto& refused : kRefused) {
      if (!is_word(0, refused.word)) continue;
      const bool as_select = is_word(0, "CREATE") && has_word("AS") && has_word("SELECT");
      const std::string name = as_select ? "CREATE TABLE AS" : std::string(refused.word);
      return fail(at(
          0, fmt::format("{} is not supported: it changes something, and cairn only reads", name),
          as_select ? "run its SELECT alone; `cairn sql --output FILE.parquet` keeps the rows"
                    : std::string(refused.hint)));
    }
    if (is_word(0, "EXPLAIN")) return take_explain();
    if (is_word(0, "DESCRIBE") || is_word(0, "DESC")) return take_describe(1);
    if (!is_word(0, "SHOW")) return true;
    if (is_word(1, "TABLES")) {
      out_.kind = StatementKind::show_tables;
      return true;
    }
    if (is_word(1, "COLUMNS") && (is_word(2, "FROM") || is_word(2, "IN"))) return take_describe(3);
    return fail(at(0, fmt::format("SHOW {} is not supported", printable(text(1))),
                   "SHOW TABLES and SHOW COLUMNS FROM cloudtrail are"));
  }

  bool has_word(std::string_view word) const {
    for (size_t i = 0; i < tokens_.size(); ++i)
      if (is_word(i, word)) return true;
    return false;
  }

  bool take_explain() {
    out_.kind = StatementKind::explain;
    size_t next = 1;
    if (is_word(next, "ANALYZE") || is_word(next, "VERBOSE")) ++next;
    if (is_symbol(next, '(')) next = closing(next) + 1;
    if (next >= tokens_.size())
      return fail(at(0, "EXPLAIN stands without a query", "EXPLAIN SELECT …"));
    for (size_t i = 0; i < next; ++i) erase(i);
    first_ = next;
    return true;
  }

  bool take_describe(size_t next) {
    if (is_word(next, "FORMATTED") || is_word(next, "EXTENDED")) ++next;
    if (next >= tokens_.size())
      return fail(at(0, "the name of a table is missing", "DESCRIBE cloudtrail"));
    out_.kind = StatementKind::describe;
    out_.table = name_of(tokens_[next], text_);
    for (; is_symbol(next + 1, '.') && next + 2 < tokens_.size(); next += 2) {
      out_.schema = out_.table;
      out_.table = name_of(tokens_[next + 2], text_);
    }
    return true;
  }

  /// Index of the parenthesis that closes the one at `open`; the last token if there is none.
  size_t closing(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < tokens_.size(); ++i) {
      if (is_symbol(i, '(')) ++depth;
      if (is_symbol(i, ')') && --depth == 0) return i;
    }
    return tokens_.size() - 1;
  }

  void replace(size_t first, size_t last, std::string replacement) {
    out_.edits.push_back({tokens_[first].begin, tokens_[last].end, std::move(replacement)});
  }

  void erase(size_t i) { replace(i, i, " "); }

  void edit_tokens() {
    for (size_t i = first_; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == TokenKind::number && is_uuid(text(i))) {
        if (names_table(i)) replace(i, i, fmt::format("\"{}\"", text(i)));
      } else if (is_word(i, "ARRAY") && is_symbol(i + 1, '(')) {
        edit_array_type(i);
      } else if (is_word(i, "IF") && is_symbol(i + 1, '(')) {
        complete_if(i + 1);
      } else if (is_word(i, "VARCHAR") || is_word(i, "CHAR")) {
        if (has_number(i)) replace(i, i + 3, fmt::format("{}{}", kVarcharMarker, text(i + 2)));
      } else if (is_word(i, "TIMESTAMP") || is_word(i, "TIME")) {
        if (has_number(i))
          for (size_t k = i + 1; k <= i + 3; ++k) erase(k);
      } else if (is_word(i, "WITHIN") && is_word(i + 1, "GROUP") && is_symbol(i + 2, '(')) {
        if (i > 0 && is_symbol(i - 1, ')'))  // listagg(x, ',') WITHIN GROUP (ORDER BY y)
          for (size_t k = i - 1; k <= i + 2; ++k) erase(k);
      }
    }
    std::sort(out_.edits.begin(), out_.edits.end(), [](const Edit& a, const Edit& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
  }

  /// A bare UUID is a name behind FROM, JOIN, or a comma of the FROM list.
  bool names_table(size_t i) const {
    if (i == 0) return false;
    if (is_word(i - 1, "FROM") || is_word(i - 1, "JOIN")) return true;
    if (!is_symbol(i - 1, ',')) return false;
    for (size_t k = i - 1; k-- > 0;) {
      if (is_word(k, "FROM")) return true;
      for (const auto* clause : {"SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "ON"})
        if (is_word(k, clause)) return false;
    }
    return false;
  }

  bool has_number(size_t i) const {
    return is_symbol(i + 1, '(') && i + 2 < tokens_.size() &&
           tokens_[i + 2].kind == TokenKind::number && is_symbol(i + 3, ')') &&
           text(i + 2).size() <= 9 &&
           text(i + 2).find_first_not_of("0123456789") == std::string_view::npos;
  }

  /// `array(T)` is a type, which DuckDB writes `T[]`; `array(SELECT …)` is an expression.
  void edit_array_type(size_t i) {
    if (is_word(i + 2, "SELECT") || is_word(i + 2, "WITH")) return;
    const size_t close = closing(i + 1);
    if (!is_symbol(close, ')')) return;
    replace(i, i + 1, " ");
    replace(close, close, "[]");
  }

  /// `if(a, b)` gets the third argument that the parser wants.
  void complete_if(size_t open) {
    const size_t close = closing(open);
    int depth = 0;
    size_t commas = 0;
    for (size_t i = open; i < close; ++i) {
      if (is_symbol(i, '(') || is_symbol(i, '[')) ++depth;
      if (is_symbol(i, ')') || is_symbol(i, ']')) --depth;
      if (depth == 1 && is_symbol(i, ',')) ++commas;
    }
    if (commas == 1 && is_symbol(close, ')'))
      out_.edits.push_back({tokens_[close].begin, tokens_[close].begin, ", NULL"});
  }

  std::string edited() const {
    std::string sql;
    size_t at = 0;
    for (const auto& edit : out_.edits) {
      if (edit.begin < at) continue;
      sql.append(text_, at, edit.begin - at);
      sql += edit.replacement;
      at = edit.end;
    }
    sql.append(text_, at);
    return sql;
  }

  static constexpr const char* kExample = "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1";

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t first_ = 0;
  Prepared out_;
};

}  // namespace

size_t Prepared::position_in_text(size_t position) const {
  size_t at = 0;        // in the user's text
  size_t prepared = 0;  // in sql
  for (const auto& edit : edits) {
    if (edit.begin < at) continue;
    const size_t untouched = edit.begin - at;
    if (position < prepared + untouched) break;
    prepared += untouched;
    at = edit.begin;
    if (position < prepared + edit.replacement.size()) return at;
    prepared += edit.replacement.size();
    at = edit.end;
  }
  return at + (position - prepared);
}

Prepared prepare(std::string_view statement) {
  return Preparer(statement).run();
}

}  // namespace cairn::lang::athena
