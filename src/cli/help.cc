#include "cli/help.h"

#include "cli/examples.h"
#include "cli/program.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace cairn::cli {
namespace {

constexpr size_t kTextColumnsMax = 100;
constexpr size_t kLabelColumnsMax = 26;
constexpr size_t kWordsColumnsMax = 50;  // of the values of an option, to stand in its label

std::string styled(const HelpStyle& style, std::string_view code, std::string_view text) {
  return style.color ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

/// Breaks `text` at blanks into lines of at most `columns`, all but the first behind `indent`.
std::string wrapped(std::string_view text, size_t columns, size_t indent) {
  std::string out;
  size_t used = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (used > 0 && used + 1 + end > columns) {
      out += '\n';
      out.append(indent, ' ');
      used = 0;
    }
    if (used > 0) {
      out += ' ';
      ++used;
    }
    out += text.substr(0, end);
    used += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

struct Row {
  std::string label;
  std::string doc;
};

void append_rows(std::string& out, const std::vector<Row>& rows, const HelpStyle& style) {
  size_t width = 0;
  for (const Row& row : rows)
    if (row.label.size() <= kLabelColumnsMax) width = std::max(width, row.label.size());
  const size_t indent = 2 + width + 2;
  const size_t columns = std::min(style.columns, kTextColumnsMax);
  for (const Row& row : rows) {
    out += "  " + styled(style, "1", row.label);
    if (row.label.size() > width) {
      out += '\n';
      out.append(indent, ' ');
    } else {
      out.append(width - row.label.size() + 2, ' ');
    }
    out += wrapped(row.doc, columns > indent + 20 ? columns - indent : 20, indent) + "\n";
  }
}

std::string label_of(const OptionHelp& option) {
  if (option.positional) return option.names.front();
  // Long names without a short one are set off, so that all long names stand in one column.
  std::string label = option.names.front().starts_with("--") ? "    " : "";
  label += fmt::format("{}", fmt::join(option.names, ", "));
  if (!option.value.empty()) label += " " + option.value;
  return label;
}

void append_options(std::string& out, const CLI::App& command, const HelpStyle& style) {
  std::vector<std::pair<std::string, std::vector<Row>>> groups;
  for (const OptionHelp& option : options_of(command)) {
    const std::string group = option.positional ? "Arguments" : option.group;
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& known) { return known.first == group; });
    if (at == groups.end()) at = groups.emplace(groups.end(), group, std::vector<Row>());
    at->second.push_back({label_of(option), option.doc});
  }
  std::stable_partition(groups.begin(), groups.end(),
                        [](const auto& group) { return group.first == "Arguments"; });
  std::stable_partition(groups.begin(), groups.end(),
                        [](const auto& group) { return group.first != kCommonGroup; });
  for (const auto& [title, rows] : groups) {
    out += "\n" + styled(style, "1;4", title) + "\n";
    append_rows(out, rows, style);
  }
}

void append_examples(std::string& out, const CLI::App& command, const HelpStyle& style) {
  const std::string name = full_name(command);
  bool titled = false;
  std::string_view last;
  for (const Example& example : kExamples) {
    const std::string of = fmt::format("cairn {}", example.command);
    const bool root = name == "cairn";
    if (!root && of != name && !example.line.starts_with(name + " ")) continue;
    if (root && example.command == last) continue;  // one for each command
    last = example.command;
    if (!titled) out += "\n" + styled(style, "1;4", "Examples") + "\n";
    titled = true;
    fmt::format_to(std::back_inserter(out), "  {}\n    {}\n",
                   styled(style, "2", fmt::format("# {}", example.doc)), example.line);
  }
}

}  // namespace

HelpStyle help_style(int descriptor) {
  return {.columns = is_terminal(descriptor) ? terminal_columns(descriptor) : 80,
          .color = use_color(descriptor)};
}

std::vector<OptionHelp> options_of(const CLI::App& command) {
  std::vector<OptionHelp> found;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    OptionHelp help;
    help.doc = option->get_description();
    help.group = option->get_group();
    help.positional = option->get_positional();
    help.required = option->get_required();
    if (help.positional) {
      help.names.push_back(option->get_name(true));
    } else {
      for (const std::string& name : option->get_snames()) help.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) help.names.push_back("--" + name);
      if (option->get_expected_min() > 0 && option->get_items_expected_max() > 0)
        help.value = option->get_type_name();
    }
    // CLI11 appends what checks say of themselves: "TEXT:csv|json", "N:INT in [1 - 8]".
    const std::string type = option->get_type_name();
    constexpr std::string_view kAddress = "ADDRESS:PORT";  // the one value with a colon of its own
    const size_t colon =
        std::min(type.find(':', type.starts_with(kAddress) ? kAddress.size() : 0), type.size());
    if (type.find('|', colon) != std::string::npos) help.words = split(type.substr(colon + 1), '|');
    const std::string words = fmt::format("{}", fmt::join(help.words, "|"));
    const bool few = !words.empty() && words.size() <= kWordsColumnsMax;
    if (!help.value.empty()) help.value = few ? words : type.substr(0, colon);
    found.push_back(std::move(help));
  }
  return found;
}

std::string usage_of(CLI::App& command) {
  if (!commands_of(command).empty()) return "COMMAND [OPTION...]";
  std::string usage;
  bool has_options = false;
  std::string positionals;
  for (const OptionHelp& option : options_of(command)) {
    if (option.positional)
      positionals +=
          option.required ? " " + option.names.front() : " [" + option.names.front() + "]";
    else if (option.names.front() == "--from")
      usage += "[--from PATH...] ";
    else
      has_options = true;
  }
  return usage + (has_options ? "[OPTION...]" : "") + positionals;
}

std::string help_text(CLI::App& command, const HelpStyle& style) {
  const size_t columns = std::min(style.columns, kTextColumnsMax);
  std::string out = fmt::format("{} {}\n\n{}\n", styled(style, "1", full_name(command)),
                                usage_of(command), wrapped(command.get_description(), columns, 0));
  std::vector<Row> rows;
  for (const CLI::App* child : commands_of(command))
    rows.push_back({child->get_name(), child->get_description()});
  if (!rows.empty()) {
    out += "\n" + styled(style, "1;4", "Commands") + "\n";
    append_rows(out, rows, style);
  }
  append_options(out, command, style);
  append_examples(out, command, style);
  return out;
}

}  // namespace cairn::cli
