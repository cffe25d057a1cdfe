#include "cli/sql_words.h"

#include "base/text.h"
#include "model/columns.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace cairn::cli {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): it is used below
using std::string_view_literals::operator""sv;

constexpr std::array kCommands{".columns"sv, ".format"sv, ".help"sv, ".quit"sv, ".tables"sv};

constexpr std::array kTables{"cloudtrail"sv, "cloudtrail_logs"sv};

constexpr std::array kKeywords{
    "ALL"sv,       "AND"sv,     "AS"sv,    "ASC"sv,       "BETWEEN"sv,  "BY"sv,     "CASE"sv,
    "CAST"sv,      "CROSS"sv,   "DESC"sv,  "DISTINCT"sv,  "ELSE"sv,     "END"sv,    "EXCEPT"sv,
    "EXISTS"sv,    "EXTRACT"sv, "FALSE"sv, "FROM"sv,      "FULL"sv,     "GROUP"sv,  "HAVING"sv,
    "ILIKE"sv,     "IN"sv,      "INNER"sv, "INTERSECT"sv, "INTERVAL"sv, "IS"sv,     "JOIN"sv,
    "LEFT"sv,      "LIKE"sv,    "LIMIT"sv, "NOT"sv,       "NULL"sv,     "OFFSET"sv, "ON"sv,
    "OR"sv,        "ORDER"sv,   "OVER"sv,  "PARTITION"sv, "RIGHT"sv,    "SELECT"sv, "THEN"sv,
    "TIMESTAMP"sv, "TRUE"sv,    "UNION"sv, "UNNEST"sv,    "USING"sv,    "VALUES"sv, "WHEN"sv,
    "WHERE"sv,     "WITH"sv,
};

constexpr std::array kFunctions{
    "array_agg"sv,
    "avg"sv,
    "coalesce"sv,
    "count"sv,
    "date_diff"sv,
    "date_trunc"sv,
    "from_iso8601_timestamp"sv,
    "json_extract"sv,
    "json_extract_scalar"sv,
    "lower"sv,
    "max"sv,
    "min"sv,
    "regexp_like"sv,
    "row_number"sv,
    "split_part"sv,
    "substr"sv,
    "sum"sv,
    "upper"sv,
};

bool begins(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
}

template <class Words>
void add(std::vector<std::string>& found, const Words& words, std::string_view start) {
  for (const std::string_view word : words)
    if (begins(word, start)) found.emplace_back(word);
}

/// Columns up to the next dot, so that the fields of a struct come only when it was named.
void add_columns_of(std::vector<std::string>& found, std::string_view start) {
  for (const model::Column& column : model::columns()) {
    if (!begins(column.name, start)) continue;
    const size_t dot = column.name.find('.', start.size());
    std::string name(column.name.substr(0, dot));
    if (dot != std::string_view::npos) name += '.';
    if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
  }
}

}  // namespace

std::vector<std::string> sql_completions(std::string_view line, std::string_view word) {
  std::vector<std::string> found;
  if (line.starts_with('.') && line == word) {
    add(found, kCommands, word);
    return found;
  }
  if (word.empty()) return found;
  add_columns_of(found, word);
  add(found, kTables, word);
  add(found, kFunctions, word);
  const bool lower = std::islower(static_cast<unsigned char>(word.front())) != 0;
  for (const std::string_view keyword : kKeywords)
    if (begins(keyword, word)) found.push_back(lower ? to_lower(keyword) : std::string(keyword));
  return found;
}

}  // namespace cairn::cli
