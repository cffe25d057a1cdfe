#include "cli/program.h"

#include "cli/examples.h"
#include "cli/help.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::cli {
namespace {

TEST(Program, EveryCommandHasAnExampleAndADescription) {
  const auto program = make_program();
  for (const CLI::App* command : commands_of(*program->app)) {
    SCOPED_TRACE(command->get_name());
    EXPECT_FALSE(command->get_description().empty());
    EXPECT_TRUE(std::any_of(kExamples.begin(), kExamples.end(), [&](const Example& example) {
      return example.command == command->get_name();
    }));
  }
}

TEST(Program, HelpFitsItsColumns) {
  const auto program = make_program();
  for (CLI::App* command : commands_of(*program->app)) {
    const std::string help = help_text(*command, {.columns = 80, .color = false});
    const std::string options = help.substr(0, help.find("\nExamples\n"));
    for (std::string_view rest = options; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      EXPECT_LE(end, 80U) << rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

TEST(Program, EveryOptionSaysWhatItDoes) {
  const auto program = make_program();
  for (const CLI::App* command : commands_of(*program->app))
    for (const OptionHelp& option : options_of(*command)) {
      EXPECT_FALSE(option.doc.empty()) << command->get_name() << " " << option.names.front();
      EXPECT_FALSE(option.doc.ends_with('.')) << command->get_name() << " " << option.doc;
    }
}

}  // namespace
}  // namespace cairn::cli
