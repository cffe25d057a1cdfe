#include "query/internal/engine_fault.h"

#include "base/text.h"
#include "lang/athena/functions.h"
#include "lang/athena/lexer.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace cairn::query {
namespace {

using lang::athena::Fault;

/// What stands between `before` and `after` in `text`; "" if they are not there.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  const size_t end = text.find(after);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// Points at the first token of `statement` that is `name`.
void point_at(Fault& fault, std::string_view name, std::string_view statement) {
  name = name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
  if (name.empty()) return;
  for (const auto& token : lang::athena::tokenize(statement).list) {
    if (!equals_ignoring_case(lang::athena::name_of(token, statement), name)) continue;
    fault.position = token.begin;
    fault.length = token.end - token.begin;
    return;
  }
}

std::string_view first_line(std::string_view message) {
  return message.substr(0, message.find('\n'));
}

Fault unknown_function(std::string_view name, std::string_view statement) {
  const auto names = lang::athena::function_names();
  const auto nearest = nearest_name(name, names);
  Fault fault{.message = fmt::format("unknown function '{}'", name)};
  if (!nearest.empty()) fault.note = fmt::format("did you mean '{}'?", nearest);
  point_at(fault, name, statement);
  return fault;
}

}  // namespace

std::string_view without_kind(std::string_view message) {
  const size_t colon = message.find(" Error: ");
  return colon < 40 ? message.substr(colon + 8) : message;
}

Fault fault_of_engine(std::string_view message, std::string_view statement) {
  for (const std::string_view kind :
       {"Scalar Function", "Aggregate Function", "Table Function", "Function", "Macro Function"}) {
    const auto name = between(message, fmt::format("{} with name ", kind), " does not exist");
    if (!name.empty()) return unknown_function(name, statement);
  }
  Fault fault;
  fault.message = without_kind(first_line(message));
  replace_all(fault.message, "athena_", "");
  replace_all(fault.message, " You might need to add explicit type casts.", "");
  while (!fault.message.empty() && (fault.message.back() == '.' || fault.message.back() == '!'))
    fault.message.pop_back();
  if (message.find("must appear in the GROUP BY clause") != std::string_view::npos)
    fault.hint = "add it to GROUP BY, or aggregate it: arbitrary(…), min(…), max(…)";
  else if (message.find("explicit type casts") != std::string_view::npos)
    fault.hint = "CAST(… AS …) changes the type of a value";
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kQuotes{
      {{"column \"", "\""}, {"types '", "("}, {"Column \"", "\""}, {"\"", "\""}}};
  for (const auto& [before, after] : kQuotes) {
    const auto name = between(message, before, after);
    if (name.empty()) continue;
    point_at(fault, name.substr(0, 7) == "athena_" ? name.substr(7) : name, statement);
    if (fault.position != Fault::kNowhere) break;
  }
  return fault;
}

}  // namespace cairn::query
