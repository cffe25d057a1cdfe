#include "cli/source_arguments.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/coverage_report.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "io/clock.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace cairn::cli {

constexpr int kThreadsMax = 1024;

void add_source_options(CLI::App& command, SourceArguments& arguments) {
  const std::string group = "Input";
  command
      .add_option("--from", arguments.from,
                  "Log files, folders or globs to read, `-` for standard input; may be repeated")
      ->type_name("PATH...")
      ->group(group);
  command.add_flag("--strict", arguments.strict, "Stop at the first refused file or record")
      ->group(group);
  command
      .add_flag("--salvage", arguments.salvage,
                "Take the whole records out of files that are otherwise refused")
      ->group(group);
  command
      .add_flag("--no-prune", arguments.no_prune,
                "Open every file, also those whose path rules out what is asked for")
      ->group(group);
  command
      .add_flag("--coverage{text}", arguments.coverage,
                "Account for every file on standard error at the end; --coverage=json for programs")
      ->check(one_of({"text", "json"}))
      ->group(group);
  command.add_option("--threads", arguments.threads, "Threads that read (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, kThreadsMax))
      ->group(group);
  add_lake_options(command, arguments.lake);
  command
      .add_option("--as-of", arguments.as_of, "Ask the lake as it was: id of a snapshot, or a time")
      ->type_name("SNAPSHOT|TIME")
      ->group("Lake");
}

namespace {

/// Somebody pipes something in.
bool input_waits() {
  struct stat facts = {};
  if (::fstat(STDIN_FILENO, &facts) != 0) return false;
  if (S_ISREG(facts.st_mode)) return facts.st_size > 0;
  pollfd wanted{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return S_ISFIFO(facts.st_mode) && ::poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLIN) != 0;
}

Result<query::Session> open_with(query::SessionOptions options, const SourceArguments& arguments) {
  options.threads = arguments.threads;
  if (!arguments.accounts.empty()) options.accounts = arguments.accounts;
  options.sandboxed = arguments.sandboxed;
  return query::Session::open(std::move(options));
}

Result<query::Session> open_lake(const SourceArguments& arguments) {
  query::LakeSource source;
  source.lake = CAIRN_TRY(lake_options(arguments.lake));
  CAIRN_TRY(parse_as_of(arguments.as_of, io::SystemClock().now_us(), source));
  query::SessionOptions options;
  options.lake = std::move(source);
  return open_with(std::move(options), arguments);
}

}  // namespace

bool reads_lake(const SourceArguments& arguments) {
  const bool asked =
      !arguments.lake.lake.empty() || !arguments.lake.catalog.empty() || !arguments.as_of.empty();
  return asked || (arguments.from.empty() && lake_exists(arguments.lake));
}

Result<query::Session> open_session(const SourceArguments& arguments) {
  const bool lake = reads_lake(arguments);
  if (lake && !arguments.from.empty())
    return Error(ErrorKind::invalid_argument,
                 "--from reads log files and --lake a lake: leave one of them out");
  if (lake) {
    const bool asked = !arguments.lake.lake.empty() || !arguments.lake.catalog.empty();
    if (!asked && input_waits())
      print_error("note: this asks the lake; `--from -` reads what comes on standard input\n");
    return open_lake(arguments);
  }
  query::SessionOptions options{
      .source = {.paths = arguments.from,
                 .strict = arguments.strict,
                 .salvage = arguments.salvage,
                 .prune = !arguments.no_prune},
  };
  if (options.source.paths.empty()) {
    if (is_terminal(STDIN_FILENO))
      return Error(ErrorKind::invalid_argument,
                   "nothing to read: no --from was given, and there is no lake yet\n"
                   "hint: name log files or folders, such as `--from AWSLogs/`, pipe logs in, or "
                   "make a lake with `cairn ingest AWSLogs/`");
    options.source.paths.emplace_back("-");
  }
  return open_with(std::move(options), arguments);
}

int finish_run(const SourceArguments& arguments, const source::Coverage& coverage) {
  if (arguments.coverage == "json")
    print_error(coverage_json(coverage) + "\n");
  else if (arguments.coverage == "text")
    print_error(coverage_text(coverage));
  else
    print_error(problem_summary(coverage));
  return coverage.has_failures() ? exit_failed : exit_done;
}

int fail(const Error& error) {
  if (interrupted()) {
    print_error("cairn: interrupted\n");
    return exit_interrupted;
  }
  std::string_view rest = error.message();
  std::string shown;
  while (true) {  // line by line, so that a caret keeps its place and a hint its line
    const size_t end = rest.find('\n');
    shown += printable(rest.substr(0, end));
    shown += '\n';
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  print_error(red(STDERR_FILENO, "cairn:") + " " + shown);
  return error.kind() == ErrorKind::invalid_argument ? exit_usage : exit_failed;
}

Result<int64_t> parse_time_argument(std::string_view option, std::string_view text,
                                    int64_t now_us) {
  if (equals_ignoring_case(text, "now")) return now_us;
  if (const auto instant = parse_iso8601(text)) return *instant;
  if (const auto span = parse_duration(text)) {
    int64_t instant = 0;
    if (!__builtin_sub_overflow(now_us, *span, &instant)) return instant;
  }
  return Error(ErrorKind::invalid_argument,
               fmt::format("{}: '{}' is no time\nhint: write 2025-03-14, 2025-03-14T09:00:00Z, "
                           "2025-03-14T10:00:00+01:00, a span before now such as 24h, or now",
                           option, text));
}

}  // namespace cairn::cli
