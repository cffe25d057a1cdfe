#include "cli/prompt.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/line_editor.h"
#include "cli/sql_words.h"
#include "cli/statements.h"
#include "cli/terminal.h"
#include "model/columns.h"
#include "render/row_writer.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace cairn::cli {
namespace {

constexpr std::string_view kHelp =
    "A statement ends with ';' and may take several lines. Tab completes, up and down recall,\n"
    "Ctrl-R searches, Ctrl-C drops the line or stops the query, Ctrl-D ends.\n"
    "  .columns [TEXT]  the columns of cloudtrail, or those that hold TEXT\n"
    "  .tables          what can stand behind FROM\n"
    "  .format [NAME]   how answers look: table, vertical, csv, json, jsonl, markdown\n"
    "  .help            this\n"
    "  .quit            end\n";

constexpr std::string_view kTables =
    "cloudtrail        typed columns, times as timestamps, structs; see .columns\n"
    "cloudtrail_logs…  any name that begins so, in any schema: the table that AWS makes for "
    "Athena\n"
    "<event data store id>  a UUID: the table of CloudTrail Lake\n";

/// Where the history is kept; "" when there is no home or its folder cannot be made.
std::string history_file() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  std::string folder;
  if (state != nullptr && *state == '/')  // the XDG specification ignores relative ones
    folder = state;
  else if (home != nullptr && *home != '\0')
    folder = std::string(home) + "/.local/state";
  else
    return {};
  folder += "/cairn";
  for (size_t at = folder.find('/', 1);; at = folder.find('/', at + 1)) {
    ::mkdir(folder.substr(0, at).c_str(), 0700);
    if (at == std::string::npos) break;
  }
  return ::access(folder.c_str(), W_OK) == 0 ? folder + "/sql_history" : std::string();
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

class Prompt {
 public:
  Prompt(query::Session& session, const SourceArguments& source, OutputArguments output)
      : session_(session),
        source_(source),
        output_(std::move(output)),
        editor_(history_file(), sql_completions) {}

  int run() {
    if (is_terminal(STDOUT_FILENO))
      print("SQL over CloudTrail events; end a statement with ';'. .help explains, .quit ends.\n");
    while (!done_) {
      std::string line;
      const LineEditor::End end = editor_.read(pending_.empty() ? "cairn> " : "  ...> ", line);
      std::fflush(stdout);  // the editor's; all else is written at once
      if (end == LineEditor::End::cancelled) {
        if (interrupt_signal() != SIGINT) return exit_interrupted;
        clear_interrupt();
        pending_.clear();
        print_error("^C\n");
        continue;
      }
      if (end == LineEditor::End::end_of_input) {
        if (is_terminal(STDOUT_FILENO)) print("\n");
        break;
      }
      take(line);
    }
    return exit_done;
  }

 private:
  void take(const std::string& line) {
    if (pending_.empty() && line.starts_with('.')) {
      editor_.remember(line);
      command(line);
      return;
    }
    pending_ += line + "\n";
    const Statements statements = split_statements(pending_);
    if (statements.complete.empty()) {
      if (statements.rest.empty()) pending_.clear();
      return;
    }
    for (const std::string& statement : statements.complete) {
      remember(statement + ";");
      run_statement(session_, statement, source_, output_);
      if (!interrupted()) continue;
      if (interrupt_signal() == SIGINT) clear_interrupt();  // the others end the prompt
      break;
    }
    pending_ = statements.rest.empty() ? "" : statements.rest + "\n";
  }

  /// On one line, so that it can be edited again; with a line comment in it that would end it
  /// early.
  void remember(std::string statement) {
    if (statement.find("--") == std::string::npos)
      std::replace(statement.begin(), statement.end(), '\n', ' ');
    editor_.remember(statement);
  }

  void command(std::string_view line) {
    while (line.ends_with(' ') || line.ends_with(';')) line.remove_suffix(1);
    const size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank);
    std::string_view argument = line.substr(blank);
    while (argument.starts_with(' ')) argument.remove_prefix(1);
    if (name == ".quit" || name == ".exit")
      done_ = true;
    else if (name == ".help")
      print(kHelp);
    else if (name == ".tables")
      print(kTables);
    else if (name == ".columns")
      show_columns(argument);
    else if (name == ".format")
      set_format(argument);
    else
      print_error(
          fmt::format("cairn: unknown command '{}'\nhint: .help lists them\n", printable(name)));
  }

  static void show_columns(std::string_view part) {
    for (const model::Column& column : model::columns())
      if (contains_ignoring_case(column.name, part) || contains_ignoring_case(column.doc, part))
        print(fmt::format("{:<44}  {}\n", column.name, column.doc));
  }

  void set_format(std::string_view name) {
    if (name.empty())
      print(output_.format + "\n");
    else if (render::find_format(name))
      output_.format = name;
    else
      print_error(
          fmt::format("cairn: unknown format '{}'\n"
                      "hint: table, vertical, csv, json, jsonl or markdown\n",
                      printable(name)));
  }

  query::Session& session_;
  const SourceArguments& source_;
  OutputArguments output_;
  LineEditor editor_;
  std::string pending_;
  bool done_ = false;
};

}  // namespace

int run_prompt(query::Session& session, const SourceArguments& source, OutputArguments output) {
  output.leave_on_interrupt = false;
  return Prompt(session, source, std::move(output)).run();
}

int run_statement(query::Session& session, std::string_view statement,
                  const SourceArguments& source, const OutputArguments& output) {
  const auto start = std::chrono::steady_clock::now();
  const Result<uint64_t> rows = print_query(session, statement, output);
  if (!rows.ok()) {
    const int code = fail(rows.error());
    if (!source.coverage.empty()) finish_run(source, session.coverage());
    return code;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (is_terminal(STDERR_FILENO))
    print_error(dim(STDERR_FILENO, fmt::format("({} row{}, {:.2f} s)", with_thousands(rows.value()),
                                               rows.value() == 1 ? "" : "s", elapsed.count())) +
                "\n");
  return finish_run(source, session.coverage());
}

}  // namespace cairn::cli
