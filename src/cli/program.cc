#include "cli/program.h"

#include "base/text.h"
#include "cli/config_file.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "cli/version.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>

namespace cairn::cli {
namespace {

constexpr std::string_view kAbout =
    "Answers from CloudTrail logs, straight from the files or from a lake that keeps them for "
    "years: "
    "SQL as Athena runs it, event history, timelines, a first look, diagnoses, proofs.";

using AddCommand = void (*)(CLI::App&, Invocation&);

// In the order in which the help lists them.
constexpr AddCommand kCommands[] = {
    add_sql,           add_lookup,   add_summary, add_timeline,   add_diagnose, add_ingest,
    add_collect,       add_lake,     add_serve,   add_keys,       add_backup,   add_export,
    add_validate_logs, add_generate, add_columns, add_completion, add_man,      add_help,
};

/// What every command of the tree has; unknown words are kept, so that we can say which is near.
void add_common(CLI::App& command, Program& program) {
  command.set_help_flag("-h,--help", "Show this help")->group(std::string(kCommonGroup));
  command
      .add_option("--color", program.color, "Colour: on a terminal without NO_COLOR, or as said")
      ->type_name("WHEN")
      ->check(one_of({"auto", "always", "never"}))
      ->group(std::string(kCommonGroup));
  command.allow_extras();
  for (CLI::App* child : commands_of(command)) add_common(*child, program);
}

/// The innermost command that was parsed.
CLI::App* chosen(CLI::App& root) {
  CLI::App* command = &root;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

std::string nearest_of(std::string_view wanted, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return std::string(nearest_name(wanted, candidates));
}

int usage_error(const CLI::App& command, std::string_view what, std::string_view hint) {
  print_error(fmt::format("{} {}\nhint: {}\n",
                          red(STDERR_FILENO, fmt::format("{}:", full_name(command))),
                          printable(what), hint));
  return exit_usage;
}

int unknown_word(CLI::App& command, const std::string& word) {
  const std::string see = fmt::format("`{} --help` lists what there is", full_name(command));
  if (word.size() > 1 && word.front() == '-') {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const OptionHelp& option : options_of(command))
      if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
    const std::string near = nearest_of(name, names);
    return usage_error(command, fmt::format("unknown option '{}'", name),
                       near.empty() ? see : fmt::format("did you mean '{}'?", near));
  }
  std::vector<std::string> names;
  for (const CLI::App* child : commands_of(command)) names.push_back(child->get_name());
  if (names.empty())
    return usage_error(command, fmt::format("unexpected argument '{}'", word), see);
  const std::string near = nearest_of(word, names);
  return usage_error(
      command, fmt::format("unknown command '{}'", word),
      near.empty() ? see : fmt::format("did you mean '{} {}'?", full_name(command), near));
}

/// The first word that no option or command took, and the command it was given to.
const std::string* first_unknown(CLI::App& root, std::vector<std::string>& words,
                                 CLI::App*& owner) {
  for (CLI::App* command = &root;; command = command->get_subcommands().front()) {
    words = command->remaining(false);
    std::erase(words, "--");
    owner = command;
    if (!words.empty()) return &words.front();
    if (command->get_subcommands().empty()) return nullptr;
  }
}

void apply_color(const std::string& color) {
  if (color == "always") set_color_mode(ColorMode::always);
  if (color == "never") set_color_mode(ColorMode::never);
}

int show_help(CLI::App& command) {
  return print(help_text(command, help_style(STDOUT_FILENO)));
}

int run_parsed(Program& program) {
  std::vector<std::string> words;
  CLI::App* owner = nullptr;
  if (const std::string* word = first_unknown(*program.app, words, owner))
    return unknown_word(*owner, *word);
  if (program.invocation->run == nullptr) {
    CLI::App* const command = chosen(*program.app);
    print_error(help_text(*command, help_style(STDERR_FILENO)));
    return exit_usage;
  }
  install_interrupt_handler();
  const bool is_service = program.invocation->is_service;
  if (!is_service) stop_on_hangup();
  int code = exit_failed;
  try {
    code = program.invocation->run();
  } catch (const std::bad_alloc&) {
    print_error("cairn: out of memory\n");
  } catch (const std::exception& error) {
    print_error(fmt::format("cairn: a fault in cairn itself: {}\n", printable(error.what())));
  }
  return interrupted() && !is_service ? static_cast<int>(exit_interrupted) : code;
}

}  // namespace

std::vector<CLI::App*> commands_of(CLI::App& command) {
  return command.get_subcommands(
      [](CLI::App* child) { return !child->get_name().empty() && !child->get_group().empty(); });
}

std::string full_name(const CLI::App& command) {
  if (command.get_parent() == nullptr) return command.get_name();
  return full_name(*command.get_parent()) + " " + command.get_name();
}

CLI::App* find_command(CLI::App& root, const std::vector<std::string>& path) {
  CLI::App* command = &root;
  for (const std::string& word : path) {
    const std::vector<CLI::App*> children = commands_of(*command);
    const auto at = std::find_if(children.begin(), children.end(),
                                 [&](const CLI::App* child) { return child->get_name() == word; });
    if (at == children.end()) return nullptr;
    command = *at;
  }
  return command;
}

std::unique_ptr<Program> make_program() {
  auto program = std::make_unique<Program>();
  program->app = std::make_unique<CLI::App>(std::string(kAbout), "cairn");
  program->invocation = std::make_unique<Invocation>();
  CLI::App& app = *program->app;
  app.require_subcommand(0, 1);  // a second command's name is an argument of the first
  for (const AddCommand add : kCommands) add(app, *program->invocation);
  add_common(app, *program);
  app.set_version_flag("-V,--version", version_text)
      ->description("Show the versions of cairn and of DuckDB in it")
      ->group(std::string(kCommonGroup));
  return program;
}

int run_program(int argc, char** argv) {
  block_hangups();
  const std::unique_ptr<Program> program = make_program();
  CLI::App& app = *program->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    apply_color(program->color);
    return show_help(*chosen(app));
  } catch (const CLI::CallForVersion& version) {
    return print(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    apply_color(program->color);
    std::vector<std::string> words;
    CLI::App* owner = nullptr;
    if (const std::string* word = first_unknown(app, words, owner))
      return unknown_word(*owner, *word);
    CLI::App* const command = chosen(app);
    return usage_error(*command, error.what(),
                       fmt::format("`{} --help` shows how to use it", full_name(*command)));
  }
  if (const auto applied = apply_config_file(*chosen(app)); !applied.ok()) {
    apply_color(program->color);
    return fail(applied.error());
  }
  apply_color(program->color);
  return run_parsed(*program);
}

}  // namespace cairn::cli
