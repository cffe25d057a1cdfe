#include "lang/athena/lexer.h"

#include "base/text.h"

#include <fmt/format.h>

namespace cairn::lang::athena {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_part(char c) {
  return is_word_start(c) || is_digit(c) || c == '$';
}

constexpr size_t kUnfinished = std::string_view::npos;

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  Tokens run() {
    Tokens out;
    while (skip_blanks_and_comments(out) && at_ < sql_.size()) {
      Token token;
      token.begin = at_;
      token.end = end_of_token(token.kind);
      if (token.end == kUnfinished) {
        out.fault = Fault{.message = fmt::format("the {} that begins here is not closed",
                                                 sql_[at_] == '"' ? "quoted name" : "string"),
                          .position = at_};
        break;
      }
      at_ = token.end;
      out.list.push_back(token);
    }
    return out;
  }

 private:
  char peek(size_t offset) const { return at_ + offset < sql_.size() ? sql_[at_ + offset] : '\0'; }

  bool skip_blanks_and_comments(Tokens& out) {
    while (at_ < sql_.size()) {
      const char c = sql_[at_];
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        ++at_;
      } else if (c == '-' && peek(1) == '-') {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (c == '/' && peek(1) == '*') {
        const size_t end = end_of_comment();
        if (end == kUnfinished) {
          out.fault =
              Fault{.message = "the comment that begins here is not closed", .position = at_};
          return false;
        }
        at_ = end;
      } else {
        break;
      }
    }
    return true;
  }

  size_t end_of_comment() const {  // comments nest, as in PostgreSQL
    int depth = 0;
    for (size_t i = at_; i + 1 < sql_.size(); ++i) {
      if (sql_[i] == '/' && sql_[i + 1] == '*') {
        ++depth;
        ++i;
      } else if (sql_[i] == '*' && sql_[i + 1] == '/') {
        ++i;
        if (--depth == 0) return i + 1;
      }
    }
    return kUnfinished;
  }

  size_t end_of_quoted(size_t begin, char quote, bool backslash) const {
    for (size_t i = begin + 1; i < sql_.size(); ++i) {
      if (backslash && sql_[i] == '\\') {
        ++i;
      } else if (sql_[i] == quote) {
        if (i + 1 >= sql_.size() || sql_[i + 1] != quote) return i + 1;
        ++i;
      }
    }
    return kUnfinished;
  }

  size_t end_of_dollar_quoted() const {
    size_t tag_end = at_ + 1;
    while (tag_end < sql_.size() && is_word_start(sql_[tag_end])) ++tag_end;
    if (tag_end >= sql_.size() || sql_[tag_end] != '$') return at_ + 1;
    const std::string_view tag = sql_.substr(at_, tag_end + 1 - at_);
    const size_t close = sql_.find(tag, tag_end + 1);
    return close == std::string_view::npos ? kUnfinished : close + tag.size();
  }

  size_t end_of_token(TokenKind& kind) const {
    const char c = sql_[at_];
    if (c == '\'') {
      kind = TokenKind::string;
      return end_of_quoted(at_, '\'', false);
    }
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      kind = TokenKind::string;
      return end_of_quoted(at_ + 1, '\'', true);
    }
    if (c == '"') {
      kind = TokenKind::quoted_name;
      return end_of_quoted(at_, '"', false);
    }
    if (is_uuid(sql_.substr(at_, 36)) && !is_word_part(peek(36)) && peek(36) != '-') {
      kind = TokenKind::number;  // not a name to DuckDB; prepare() quotes it where it is one
      return at_ + 36;
    }
    if (is_word_start(c)) return end_while(kind = TokenKind::word, is_word_part);
    if (is_digit(c)) {
      kind = TokenKind::number;
      return end_of_number();
    }
    kind = c == '$' ? TokenKind::string : TokenKind::symbol;
    return c == '$' ? end_of_dollar_quoted() : at_ + 1;
  }

  size_t end_of_number() const {
    size_t i = at_;
    while (i < sql_.size() && (is_word_part(sql_[i]) || sql_[i] == '.')) ++i;
    return i;
  }

  size_t end_while(TokenKind, bool (*part)(char)) const {
    size_t i = at_;
    while (i < sql_.size() && part(sql_[i])) ++i;
    return i;
  }

  std::string_view sql_;
  size_t at_ = 0;
};

}  // namespace

Tokens tokenize(std::string_view sql) {
  return Lexer(sql).run();
}

std::optional<Fault> fault_of_condition(std::string_view condition) {
  const auto tokens = tokenize(condition);
  if (tokens.fault) return tokens.fault;
  if (tokens.list.empty()) return Fault{.message = "the condition is empty"};
  int open = 0;
  for (const auto& token : tokens.list) {
    if (token.kind != TokenKind::symbol) continue;
    const char symbol = condition[token.begin];
    if (symbol == '(') ++open;
    if (symbol == ')') --open;
    if (open >= 0 && symbol != ';') continue;
    return Fault{.message = fmt::format("the condition ends before this '{}'", symbol),
                 .position = token.begin};
  }
  if (open == 0) return std::nullopt;
  return Fault{.message = fmt::format("the condition lacks {} ')'", open),
               .position = condition.size()};
}

std::string name_of(const Token& token, std::string_view sql) {
  const auto text = sql.substr(token.begin, token.end - token.begin);
  if (token.kind != TokenKind::quoted_name) return std::string(text);
  std::string name;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == '"') ++i;
  }
  return name;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

}  // namespace cairn::lang::athena
