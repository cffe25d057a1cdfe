// Reads lines from a terminal, with editing, history and completion (libedit).
#pragma once

#include "base/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

/// The words that may stand in place of `word`, the one before the cursor; `line` is all of it.
using Completer =
    std::function<std::vector<std::string>(std::string_view line, std::string_view word)>;

class LineEditor {
 public:
  enum class End : uint8_t { line, cancelled, end_of_input };

  /// `history_file`: read now, written by remember(); "" keeps none.
  LineEditor(std::string history_file, Completer completer);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  /// One line without its end. `cancelled`: Ctrl-C was typed.
  End read(std::string_view prompt, std::string& line);

  /// Adds to the history and its file; a file that cannot be written is no failure.
  void remember(const std::string& entry);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

/// The longest text that all of `words` begin with, without regard to ASCII case, as the first one
/// writes it.
std::string common_start(const std::vector<std::string>& words);

}  // namespace cairn::cli
