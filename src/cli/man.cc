#include "cli/command.h"
#include "cli/examples.h"
#include "cli/help.h"
#include "cli/program.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::cli {
namespace {

using Fact = std::pair<std::string_view, std::string_view>;

constexpr std::array kExitCodes{
    Fact{"0", "Done."},
    Fact{"1", "Failed, or input was refused and is missing from the answer."},
    Fact{"2", "Wrong arguments, or a query that has no meaning."},
    Fact{"3", "A check found problems."},
    Fact{"130", "Interrupted."},
    Fact{"255", "validate-logs could not look; its other codes are those of the AWS CLI too."},
};

constexpr std::array kEnvironment{
    Fact{"NO_COLOR", "If set and not empty, no colour is used unless --color=always says so."},
    Fact{"CAIRN_LAKE", "The lake when --lake and --catalog are not given: a folder or s3://…."},
    Fact{"CAIRN_CATALOG", "The catalog of that lake."},
    Fact{"XDG_STATE_HOME", "Where the history of the prompt is kept; ~/.local/state if unset."},
    Fact{"TMPDIR", "Where queries spill what does not fit into memory; /tmp if unset."},
};

constexpr std::array kFiles{
    Fact{"$XDG_STATE_HOME/cairn/sql_history", "What was typed at the prompt of cairn sql."},
};

/// For running text in troff: backslashes and dashes are theirs, a dot at a line's start too.
std::string escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i).starts_with("…")) {
      out += "\\[u2026]";
      i += std::string_view("…").size() - 1;
    } else if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '"')
      out += "\\(dq";
    else
      out += c;
  }
  if (!out.empty() && out.front() == '.') out.insert(0, "\\&");
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return out;
}

void append_option(std::string& out, const OptionHelp& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back("\\fB" + escaped(name) + "\\fR");
  out += ".TP\n" + fmt::format("{}", fmt::join(names, ", "));
  if (!option.value.empty()) out += " \\fI" + escaped(option.value) + "\\fR";
  out += "\n" + escaped(option.doc) + ".\n";
}

void append_command(std::string& out, CLI::App& command) {
  fmt::format_to(std::back_inserter(out), ".SS {}\n.B {}\n{}\n.PP\n{}.\n",
                 escaped(full_name(command)), escaped(full_name(command)),
                 escaped(usage_of(command)), escaped(command.get_description()));
  for (const OptionHelp& option : options_of(command))
    if (option.positional || option.group != kCommonGroup) append_option(out, option);
  for (CLI::App* child : commands_of(command)) append_command(out, *child);
}

template <class Facts>
void append_facts(std::string& out, std::string_view title, const Facts& facts) {
  fmt::format_to(std::back_inserter(out), ".SH {}\n", upper(title));
  for (const auto& [name, doc] : facts)
    fmt::format_to(std::back_inserter(out), ".TP\n.B {}\n{}\n", escaped(name), escaped(doc));
}

std::string man_text(CLI::App& root) {
  std::string out = fmt::format(
      ".TH CAIRN 1 \"\" \"cairn {}\" \"User Commands\"\n.SH NAME\n"
      "cairn \\- answers from AWS CloudTrail logs\n.SH SYNOPSIS\n.B cairn\n{}\n"
      ".SH DESCRIPTION\n{}\n.SH OPTIONS\nEvery command has these.\n",
      CAIRN_VERSION, escaped(usage_of(root)), escaped(root.get_description()));
  for (const OptionHelp& option : options_of(root)) append_option(out, option);
  out += ".SH COMMANDS\n";
  for (CLI::App* command : commands_of(root)) append_command(out, *command);
  out += ".SH EXAMPLES\n";
  for (const Example& example : kExamples)
    fmt::format_to(std::back_inserter(out), ".TP\n{}\n.EX\n{}\n.EE\n", escaped(example.doc),
                   escaped(example.line));
  append_facts(out, "Exit status", kExitCodes);
  append_facts(out, "Environment", kEnvironment);
  append_facts(out, "Files", kFiles);
  return out;
}

}  // namespace

void add_man(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand("man", "Print the manual page, as troff source");
  command->callback(
      [&app, &invocation] { invocation.run = [&app] { return print(man_text(app)); }; });
}

}  // namespace cairn::cli
