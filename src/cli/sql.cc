#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output_arguments.h"
#include "cli/prompt.h"
#include "cli/source_arguments.h"
#include "cli/statements.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace cairn::cli {
namespace {

constexpr size_t kQueryBytesMax = 10'000'000;

struct SqlArguments {
  SourceArguments source;
  OutputArguments output;
  std::string file;
  std::vector<std::string> words;
};

bool is_path(const std::string& word) {
  struct stat known = {};
  return word == "-" || ::stat(word.c_str(), &known) == 0 ||
         word.find_first_of(" \t\n") == std::string::npos;
}

Result<std::string> read_text(const std::string& path) {
  const bool standard = path == "-";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      standard ? stdin : std::fopen(path.c_str(), "rbe"),
      [](FILE* open) { return open != nullptr && open != stdin ? std::fclose(open) : 0; });
  const std::string name = standard ? "standard input" : "'" + path + "'";
  if (file == nullptr)
    return Error(errno == ENOENT ? ErrorKind::not_found : ErrorKind::unavailable,
                 fmt::format("cannot read the query from {}: {}", name, std::strerror(errno)));
  std::string text;
  char block[65536];
  while (const size_t got = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, got);
    if (text.size() > kQueryBytesMax)
      return Error(ErrorKind::exhausted,
                   fmt::format("the query from {} is longer than {} bytes", name, kQueryBytesMax));
  }
  if (std::ferror(file.get()) != 0)
    return Error(ErrorKind::unavailable,
                 fmt::format("cannot read the query from {}: {}", name, std::strerror(errno)));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

/// `--from a b "SELECT …"`: which of these words are paths, and which is the query, cannot be told
/// before all are known.
Status sort_words(SqlArguments& arguments) {
  std::vector<std::string>& words = arguments.words;
  std::vector<std::string>& from = arguments.source.from;
  if (words.empty() && from.size() > 1) {
    const auto query = std::find_if_not(from.begin() + 1, from.end(), is_path);
    if (query != from.end()) {
      words.push_back(*query);
      from.erase(query);
    }
  }
  if (words.empty()) return {};
  const bool last_is_path = !from.empty() && is_path(words.back());
  if (!arguments.file.empty() && !last_is_path)
    return Error(ErrorKind::invalid_argument,
                 "both a query and --file were given\nhint: leave one of them out");
  if (words.size() > 1 && from.empty())
    return Error(ErrorKind::invalid_argument,
                 fmt::format("unexpected argument '{}'\nhint: put the query in quotes, such as "
                             "cairn sql --from AWSLogs/ \"SELECT count(*) FROM cloudtrail\"",
                             words[1]));
  const auto paths_end = last_is_path ? words.end() : words.end() - 1;
  from.insert(from.end(), words.begin(), paths_end);
  words.erase(words.begin(), paths_end);
  return {};
}

/// The query's text; "" when the prompt shall ask for it.
Result<std::string> query_text(const SqlArguments& arguments) {
  const std::vector<std::string>& from = arguments.source.from;
  const bool logs_from_stdin = std::find(from.begin(), from.end(), "-") != from.end();
  if (!arguments.words.empty()) return arguments.words.front();
  if (!arguments.file.empty() && arguments.file != "-") return read_text(arguments.file);
  if (arguments.file.empty() && !logs_from_stdin && is_terminal(STDIN_FILENO)) return std::string();
  const bool lake = reads_lake(arguments.source);
  if (logs_from_stdin || (from.empty() && !lake))
    return Error(ErrorKind::invalid_argument,
                 logs_from_stdin ? "the logs and the query cannot both come from standard input\n"
                                   "hint: give the query as an argument, or use --file"
                                 : "nothing to read: no --from was given\n"
                                   "hint: name log files or folders, such as `--from AWSLogs/`");
  return read_text("-");
}

int run_all(query::Session& session, const std::string& text, const SqlArguments& arguments) {
  Statements statements = split_statements(text);
  if (!statements.rest.empty()) statements.complete.push_back(statements.rest);
  if (statements.complete.empty())
    return fail(Error(ErrorKind::invalid_argument, "the query is empty"));
  if (statements.complete.size() > 1 && !arguments.output.output.empty())
    return fail(Error(ErrorKind::invalid_argument,
                      fmt::format("--output takes the answer of one statement, and there are {}",
                                  statements.complete.size())));
  const std::string& format = arguments.output.format;
  const bool apart = format == "table" || format == "markdown" || format == "vertical";
  int worst = exit_done;
  for (size_t i = 0; i < statements.complete.size(); ++i) {
    const std::string& statement = statements.complete[i];
    if (apart && i > 0) print("\n");
    const int code = run_statement(session, statement, arguments.source, arguments.output);
    if (interrupted() || code == exit_usage) return code;
    worst = std::max(worst, code);
  }
  return worst;
}

int run(SqlArguments& arguments) {
  if (const Status sorted = sort_words(arguments); !sorted.ok()) return fail(sorted.error());
  if (const Status checked = check_output_arguments(arguments.output); !checked.ok())
    return fail(checked.error());
  const Result<std::string> text = query_text(arguments);
  if (!text.ok()) return fail(text.error());
  Result<query::Session> session = open_session(arguments.source);
  if (!session.ok()) return fail(session.error());
  if (!text.value().empty() || !is_terminal(STDIN_FILENO))
    return run_all(session.value(), text.value(), arguments);
  return run_prompt(session.value(), arguments.source, arguments.output);
}

}  // namespace

void add_sql(CLI::App& app, Invocation& invocation) {
  CLI::App* const command =
      app.add_subcommand("sql", "Ask in SQL, as Athena and CloudTrail Lake run it, or DuckDB's");
  auto arguments = std::make_shared<SqlArguments>();
  command->add_option("QUERY", arguments->words,
                      "The query; without it, it is read from --file, from standard input, or at "
                      "a prompt. Tables: cloudtrail, and any cloudtrail_logs… as in Athena");
  command->add_option("--file", arguments->file, "Read the query from FILE, `-` for standard input")
      ->type_name("FILE")
      ->group("Input");
  add_source_options(*command, arguments->source);
  command
      ->add_option("--account", arguments->source.accounts,
                   "Whose events there are: those of other accounts cannot be seen; may be given "
                   "again")
      ->type_name("ID")
      ->allow_extra_args(false)
      ->group("Walls");
  command
      ->add_flag("--sandboxed", arguments->source.sandboxed,
                 "Run the query as one of a stranger: it reads the CloudTrail tables and computes, "
                 "within limits, and no more")
      ->group("Walls");
  add_output_options(*command, arguments->output);
  command->callback(
      [&invocation, arguments] { invocation.run = [arguments] { return run(*arguments); }; });
}

}  // namespace cairn::cli
