#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/program.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {
namespace {

int show(CLI::App& root, const std::vector<std::string>& path) {
  CLI::App* const command = find_command(root, path);
  if (command != nullptr) {
    return print(help_text(*command, help_style(STDOUT_FILENO)));
  }
  std::vector<std::string> names;
  for (const CLI::App* child : commands_of(root)) names.push_back(child->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view near = nearest_name(path.front(), candidates);
  print_error(fmt::format("{} there is no command '{}'\nhint: {}\n",
                          red(STDERR_FILENO, "cairn help:"),
                          printable(fmt::format("{}", fmt::join(path, " "))),
                          near.empty() ? std::string("`cairn help` lists them")
                                       : fmt::format("did you mean `cairn help {}`?", near)));
  return exit_usage;
}

}  // namespace

void add_help(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand("help", "Show the help of a command");
  auto path = std::make_shared<std::vector<std::string>>();
  command->add_option("COMMAND", *path, "The command, such as `sql` or `diagnose eni`");
  command->callback(
      [&app, &invocation, path] { invocation.run = [&app, path] { return show(app, *path); }; });
}

}  // namespace cairn::cli
