// The help of a command, for people at a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cairn::cli {

/// The options that every command has.
inline constexpr std::string_view kCommonGroup = "Common";

struct HelpStyle {
  size_t columns = 80;
  bool color = false;
};

/// Usage, description, commands, options by group, examples.
std::string help_text(CLI::App& command, const HelpStyle& style);

/// The style that fits a descriptor.
HelpStyle help_style(int descriptor);

/// One option as help, completion and man page see it.
struct OptionHelp {
  std::vector<std::string> names;  ///< "-h", "--help"; a positional's one name without dashes
  std::string value;               ///< "PATH", "" if it takes none
  std::string doc;
  std::string group;
  bool positional = false;
  bool required = false;
  std::vector<std::string> words;  ///< the values that are possible, if they are few
};

/// As declared, without hidden ones.
std::vector<OptionHelp> options_of(const CLI::App& command);

/// `[--from PATH...] [QUERY]`: what follows the name of the command.
std::string usage_of(CLI::App& command);

}  // namespace cairn::cli
