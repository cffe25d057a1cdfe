#include "cli/terminal.h"

#include "cli/command.h"
#include "io/descriptor.h"
#include "io/line_file.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace cairn::cli {
namespace {

ColorMode color_mode = ColorMode::automatic;  // written once, before any thread starts

std::string styled(int descriptor, std::string_view code, std::string_view text) {
  if (!use_color(descriptor)) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

}  // namespace

int print(std::string_view text) {
  if (io::write_all(STDOUT_FILENO, text) || errno == EPIPE) return exit_done;
  const int error = errno;
  print_error(std::string("cairn: cannot write standard output: ") + std::strerror(error) + "\n");
  return exit_failed;
}

void print_error(std::string_view text) {
  (void)io::write_line(STDERR_FILENO, text);
}

void set_color_mode(ColorMode mode) {
  color_mode = mode;
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

bool use_color(int descriptor) {
  if (color_mode != ColorMode::automatic) return color_mode == ColorMode::always;
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* const term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return is_terminal(descriptor);
}

size_t terminal_columns(int descriptor) {
  winsize size = {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string bold(int descriptor, std::string_view text) {
  return styled(descriptor, "1", text);
}

std::string dim(int descriptor, std::string_view text) {
  return styled(descriptor, "2", text);
}

std::string red(int descriptor, std::string_view text) {
  return styled(descriptor, "31", text);
}

}  // namespace cairn::cli
