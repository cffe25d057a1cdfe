// A fault in a query's text: what is wrong, where, and what would help.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::lang::athena {

struct Fault {
  static constexpr size_t kNowhere = static_cast<size_t>(-1);

  std::string message;         ///< one sentence: "unknown column 'evenname'"
  size_t position = kNowhere;  ///< byte in the text that the user wrote
  size_t length = 1;           ///< bytes that the caret line underlines
  std::string note{};          ///< stands behind the carets: "did you mean 'eventname'?"
  std::string hint{};          ///< a line of its own: the edit or the command that helps
};

/// The text to show: `query:LINE:COLUMN: message`, the line, carets, hint (STYLE.md §10). Columns
/// count characters from 1. Long lines are clipped around the place; control characters are shown
/// as \xNN.
std::string render(const Fault& fault, std::string_view query);

}  // namespace cairn::lang::athena
