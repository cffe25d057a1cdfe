#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/program.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {
namespace {

std::vector<std::string> names_of(const std::vector<CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return names;
}

/// "diagnose eni" of "cairn diagnose eni"; "" for the program itself.
std::string path_of(const CLI::App& command) {
  const std::string name = full_name(command);
  return name == "cairn" ? "" : name.substr(name.find(' ') + 1);
}

void for_each_command(CLI::App& command, const std::function<void(CLI::App&)>& visit) {
  visit(command);
  for (CLI::App* child : commands_of(command)) for_each_command(*child, visit);
}

/// Within single quotes of a POSIX shell.
std::string shell_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += R"('\'')";
    else
      out += c;
  }
  return out;
}

/// Options whose next word is their value: file names, unless it is one of few words.
bool takes_value(const OptionHelp& option) {
  return !option.positional && !option.value.empty();
}

std::string bash_cases(CLI::App& root) {
  std::string out;
  for_each_command(root, [&](CLI::App& command) {
    std::vector<std::string> words = names_of(commands_of(command));
    std::string values;
    for (const OptionHelp& option : options_of(command)) {
      if (option.positional) {
        words.insert(words.end(), option.words.begin(), option.words.end());
        continue;
      }
      words.insert(words.end(), option.names.begin(), option.names.end());
      if (takes_value(option))
        fmt::format_to(std::back_inserter(values), "        {}) words='{}'; value=1 ;;\n",
                       fmt::join(option.names, "|"), fmt::join(option.words, " "));
    }
    fmt::format_to(std::back_inserter(out),
                   "    '{}')\n      words='{}'\n      case \"$previous\" in\n{}        *) ;;\n"
                   "      esac ;;\n",
                   path_of(command), fmt::join(words, " "), values);
  });
  return out;
}

std::string bash_text(CLI::App& root) {
  std::vector<std::string> paths;
  for_each_command(root, [&](CLI::App& command) {
    if (const std::string path = path_of(command); !path.empty()) paths.push_back("'" + path + "'");
  });
  return fmt::format(
      R"(# bash completion of cairn; put it where bash-completion looks, or source it.
_cairn() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local path='' next word words='' value=''
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    next="${{path:+$path }}$word"
    case "$next" in
      {}) path="$next" ;;
    esac
  done
  case "$path" in
{}  esac
  COMPREPLY=()
  if [[ -n "$words" && ( -n "$value" || "$current" == -* || -z "$current" || "$path" != sql ) ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
  if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
}}
complete -F _cairn cairn
)",
      fmt::join(paths, "|"), bash_cases(root));
}

/// A description within zsh's `[…]`.
std::string zsh_text_of(std::string_view text) {
  std::string out;
  for (const char c : shell_text(text)) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_specs(const CLI::App& command) {
  std::string out;
  for (const OptionHelp& option : options_of(command)) {
    const std::string values =
        option.words.empty() ? "_files" : fmt::format("({})", fmt::join(option.words, " "));
    if (option.positional) {
      fmt::format_to(std::back_inserter(out), " \\\n      '*:{}:{}'", zsh_text_of(option.doc),
                     values);
      continue;
    }
    for (const std::string& name : option.names)
      fmt::format_to(std::back_inserter(out), " \\\n      '*{}[{}]{}'", name,
                     zsh_text_of(option.doc),
                     takes_value(option) ? fmt::format(":value:{}", values) : "");
  }
  return out;
}

std::string zsh_function(CLI::App& command) {
  std::string name = "_" + full_name(command);
  for (char& c : name)
    if (c == ' ' || c == '-') c = '_';
  const std::vector<CLI::App*> children = commands_of(command);
  if (children.empty())
    return fmt::format("{}() {{\n  _arguments -s -S{}\n}}\n", name, zsh_specs(command));
  std::string out = fmt::format(
      "{}() {{\n  local line state\n  _arguments -C{} \\\n      '1: :->command' "
      "'*::argument:->argument'\n"
      "  case $state in\n    command)\n      local -a commands=(\n",
      name, zsh_specs(command));
  for (const CLI::App* child : children)
    fmt::format_to(std::back_inserter(out), "        '{}:{}'\n", child->get_name(),
                   zsh_text_of(child->get_description()));
  fmt::format_to(
      std::back_inserter(out),
      "      )\n      _describe command commands ;;\n    argument)\n      case $line[1] in\n");
  for (const CLI::App* child : children) {
    std::string function = name + "_" + child->get_name();
    for (char& c : function)
      if (c == '-') c = '_';
    fmt::format_to(std::back_inserter(out), "        {}) {} ;;\n", child->get_name(), function);
  }
  return out + "      esac ;;\n  esac\n}\n";
}

std::string zsh_text(CLI::App& root) {
  std::string out =
      "#compdef cairn\n# zsh completion of cairn; name it _cairn in a folder of $fpath.\n";
  for_each_command(root, [&](CLI::App& command) { out += zsh_function(command); });
  return out +
         "if [[ $funcstack[1] == _cairn ]]; then _cairn \"$@\"; else compdef _cairn cairn; fi\n";
}

std::string fish_condition(const CLI::App& command, const std::vector<CLI::App*>& children) {
  const std::string path = path_of(command);
  if (path.empty()) return "__fish_use_subcommand";
  std::string condition;
  std::string_view rest = path;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ",
                             rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!children.empty())
    condition +=
        fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(names_of(children), " "));
  return condition;
}

/// Within single quotes of fish, which knows two escapes there.
std::string fish_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_text(CLI::App& root) {
  std::string out = "# fish completion of cairn; put it into ~/.config/fish/completions.\n";
  for_each_command(root, [&](CLI::App& command) {
    const std::vector<CLI::App*> children = commands_of(command);
    const std::string condition = fish_condition(command, children);
    for (const CLI::App* child : children)
      fmt::format_to(std::back_inserter(out), "complete -c cairn -f -n '{}' -a {} -d '{}'\n",
                     condition, child->get_name(), fish_quoted(child->get_description()));
    for (const OptionHelp& option : options_of(command)) {
      if (option.positional) {
        if (!option.words.empty())
          fmt::format_to(std::back_inserter(out), "complete -c cairn -f -n '{}' -a '{}'\n",
                         condition, fmt::join(option.words, " "));
        continue;
      }
      fmt::format_to(std::back_inserter(out), "complete -c cairn -n '{}'", condition);
      for (const std::string& name : option.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (takes_value(option)) {
        out += option.words.empty() ? " -r -F" : " -x";
        if (!option.words.empty()) out += fmt::format(" -a '{}'", fmt::join(option.words, " "));
      }
      fmt::format_to(std::back_inserter(out), " -d '{}'\n", fish_quoted(option.doc));
    }
  });
  return out;
}

}  // namespace

void add_completion(CLI::App& app, Invocation& invocation) {
  CLI::App* const command =
      app.add_subcommand("completion", "Print the completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}));
  command->callback([&app, &invocation, shell] {
    invocation.run = [&app, shell] {
      return print(*shell == "bash"  ? bash_text(app)
                   : *shell == "zsh" ? zsh_text(app)
                                     : fish_text(app));
    };
  });
}

}  // namespace cairn::cli
