// What the program is connected to, and whether it may use colour there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::cli {

enum class ColorMode { automatic, always, never };

/// Sets what --color said, for the rest of the process. Called once, after parsing.
void set_color_mode(ColorMode mode);

bool is_terminal(int descriptor);

/// Colour on `descriptor`: as --color says, else on a terminal (not TERM=dumb) unless NO_COLOR is
/// set.
bool use_color(int descriptor);

/// Columns of the terminal behind `descriptor`; 80 when it does not say.
size_t terminal_columns(int descriptor);

/// Writes `text` to standard output; the exit code. A reader that went away (`| head`) is no
/// failure.
int print(std::string_view text);

/// Writes `text` to standard error. If that fails, there is nowhere left to say so.
void print_error(std::string_view text);

/// `text` in bold, dim or red if there is colour on `descriptor`.
std::string bold(int descriptor, std::string_view text);
std::string dim(int descriptor, std::string_view text);
std::string red(int descriptor, std::string_view text);

}  // namespace cairn::cli
