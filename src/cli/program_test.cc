#include "cli/program.h"

#include "cli/examples.h"
#include "cli/help.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::cli {
namespace {

/// The words of the last `cairn …` of a shell line, quotes taken off, redirections left out.
std::vector<std::string> words_of(std::string_view line) {
  line.remove_prefix(line.rfind("cairn ") + 6);
  std::vector<std::string> words(1);
  char quote = '\0';
  for (const char c : line) {
    if (quote == '\0' && (c == '>' || c == '|')) break;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == '\0' && c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::erase(words, "");
  return words;
}

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

TEST(Program, EveryExampleCanBeParsed) {
  for (const Example& example : kExamples) {
    SCOPED_TRACE(example.line);
    const auto program = make_program();
    std::vector<std::string> words = words_of(example.line);
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    EXPECT_NO_THROW(program->app->parse(words));
    EXPECT_TRUE(program->app->remaining(true).empty());
    EXPECT_NE(program->invocation->run, nullptr);
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
