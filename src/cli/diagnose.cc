// cairn diagnose: what goes wrong in the logs, and what to do about it.
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "diagnose/console.h"
#include "diagnose/diagnosis.h"
#include "diagnose/json.h"
#include "diagnose/run.h"
#include "io/clock.h"
#include "io/descriptor.h"
#include "io/file.h"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cairn::cli {
namespace {

constexpr int64_t kWindowMaxUs = 200 * 366 * kMicrosPerDay;

struct DiagnoseArguments {
  SourceArguments source;
  std::string window;
  std::string start;
  std::string end;
  std::string region;
  std::string output;
  bool no_files = false;
  bool classic = false;
  bool json = false;
};

/// `us-east-1`, `us-gov-west-1`, `ap-southeast-2`, `eusc-de-east-1`: parts of letters, then a
/// number.
bool looks_like_region(std::string_view text) {
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == text.size() || text.size() > 32) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view number = text.substr(dash + 1);
  const std::string_view words = text.substr(0, dash);
  return std::all_of(number.begin(), number.end(), digit) && letter(words.front()) &&
         letter(words.back()) && words.find('-') != std::string_view::npos &&
         words.find("--") == std::string_view::npos &&
         std::all_of(words.begin(), words.end(), [&](char c) { return letter(c) || c == '-'; });
}

Result<diagnose::RunOptions> make_options(const DiagnoseArguments& arguments, int64_t now) {
  diagnose::RunOptions options;
  options.region = arguments.region;
  options.output = arguments.output;
  options.classic = arguments.classic;
  if (!arguments.window.empty() && !arguments.start.empty())
    return Error(ErrorKind::invalid_argument,
                 "--window and --start both say where to begin\n"
                 "hint: give --start and --end, or --window and --end");
  if (!arguments.start.empty())
    options.start_us = CAIRN_TRY(parse_time_argument("--start", arguments.start, now));
  if (!arguments.end.empty())
    options.end_us = CAIRN_TRY(parse_time_argument("--end", arguments.end, now));
  if (options.start_us && options.end_us && *options.start_us > *options.end_us)
    return Error(ErrorKind::invalid_argument,
                 fmt::format("--start {} is after --end {}\nhint: exchange the two",
                             format_iso8601(*options.start_us), format_iso8601(*options.end_us)));
  if (arguments.window == "all") {
    options.whole = true;
  } else if (!arguments.window.empty()) {
    const auto window = parse_duration(arguments.window);
    if (!window || *window <= 0 || *window > kWindowMaxUs)
      return Error(ErrorKind::invalid_argument,
                   fmt::format("--window: '{}' is no length of time\nhint: write 90m, 48h, 7d, or "
                               "all",
                               arguments.window));
    options.window_us = *window;
  }
  if (!arguments.region.empty() && !looks_like_region(arguments.region))
    return Error(ErrorKind::invalid_argument,
                 fmt::format("--region: '{}' is no AWS Region\nhint: Regions look like us-east-1, "
                             "eu-central-1, us-gov-west-1",
                             arguments.region));
  return options;
}

/// Standard input as a file of its own, unnamed, that can be read more than once.
class Spool {
 public:
  Status fill() {
    std::error_code ignored;
    auto folder = std::filesystem::temp_directory_path(ignored);
    if (folder.empty()) folder = "/tmp";
    std::string path = (folder / "cairn-XXXXXX").string();
    file_ = io::Descriptor(::mkostemp(path.data(), O_CLOEXEC));
    if (file_.get() < 0) return io::system_error("make a temporary file " + path, errno);
    ::unlink(path.c_str());
    std::vector<char> buffer(kSpoolBytes);
    while (true) {
      const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (interrupted()) return Error(ErrorKind::unavailable, "interrupted");
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io::system_error("read standard input", errno);
      if (got == 0) return {};
      if (!io::write_all(file_.get(), {buffer.data(), static_cast<size_t>(got)}))
        return io::system_error("write a temporary file in " + folder.string(), errno);
    }
  }

  std::string path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }

 private:
  static constexpr size_t kSpoolBytes = 1 << 20;

  io::Descriptor file_{-1};
};

/// Where the window ends is known only when all was read, so that events are read twice; standard
/// input is kept for that. `source` then names the copy.
Status spool_standard_input(const diagnose::RunOptions& options, SourceArguments& source,
                            Spool& spool) {
  const bool once = options.end_us && (options.start_us || !options.whole);
  if (reads_lake(source)) return {};
  if (source.from.empty() && !is_terminal(STDIN_FILENO)) source.from.emplace_back("-");
  const auto at = std::find(source.from.begin(), source.from.end(), "-");
  if (once || at == source.from.end()) return {};
  CAIRN_TRY(spool.fill());
  std::replace(source.from.begin(), source.from.end(), std::string("-"), spool.path());
  return {};
}

/// The account of the run with standard input under its own name.
source::Coverage with_names(source::Coverage coverage, const Spool& spool) {
  for (auto& file : coverage.files)
    if (file.path == spool.path()) file.path = "-";
  for (auto& problem : coverage.problems)
    if (problem.file == spool.path()) problem.file = "-";
  return coverage;
}

Result<int> run_diagnose(const diagnose::Diagnosis& diagnosis, const DiagnoseArguments& arguments) {
  const int64_t now = io::SystemClock().now_us();
  auto options = CAIRN_TRY(make_options(arguments, now));
  options.write = !arguments.no_files && (diagnosis.always_writes || !arguments.output.empty());
  Spool spool;
  SourceArguments source = arguments.source;
  CAIRN_TRY(spool_standard_input(options, source, spool));
  auto session = CAIRN_TRY(open_session(source));
  std::string text;
  bool found = false;
  {
    RunWatch watch(session);
    const auto report = CAIRN_TRY(diagnose::run(session, diagnosis, options, now));
    found = report.has_issues();
    if (arguments.json)
      text = diagnose::json(report);
    else
      text = report.classic ? diagnose::classic_console(report) : diagnose::console(report);
  }
  DescriptorSink output(STDOUT_FILENO, "standard output");
  Status written = output.write(text);
  if (written.ok()) written = output.flush();
  if (!written.ok() && !output.reader_gone()) return std::move(written).error();
  const int code = finish_run(source, with_names(session.coverage(), spool));
  return code == exit_done && found ? static_cast<int>(exit_found) : code;
}

void add_window_options(CLI::App& command, DiagnoseArguments& arguments) {
  const std::string group = "Events";
  command
      .add_option("--window", arguments.window,
                  "Look at so much time before the end, such as 48h (the default) or 7d, or at all "
                  "of the logs: all")
      ->type_name("SPAN")
      ->group(group);
  command
      .add_option("--start", arguments.start,
                  "Earliest event time: ISO 8601, or a span before now such as 24h")
      ->type_name("TIME")
      ->group(group);
  command
      .add_option("--end", arguments.end,
                  "Latest event time, inclusive (default: the newest event in the logs)")
      ->type_name("TIME")
      ->group(group);
  command.add_option("--region", arguments.region, "Only events of this Region")
      ->type_name("REGION")
      ->group(group);
}

void add_one(CLI::App& parent, Invocation& invocation, const diagnose::Diagnosis& diagnosis,
             const std::string& about) {
  CLI::App* const command = parent.add_subcommand(std::string(diagnosis.name), about);
  const auto arguments = std::make_shared<DiagnoseArguments>();
  add_window_options(*command, *arguments);
  const std::string group = "Output";
  command
      ->add_option("--output", arguments->output,
                   diagnosis.always_writes
                       ? "Write the folder of results here (default: the current folder)"
                       : "Write a folder of results here")
      ->type_name("DIR")
      ->group(group);
  if (diagnosis.always_writes) {
    command->add_flag("--no-files", arguments->no_files, "Write no folder of results")
        ->group(group);
    command
        ->add_flag("--classic", arguments->classic,
                   "The three calls, the rules and the files of the original shell tool, to the "
                   "byte")
        ->group(group);
  }
  command->add_flag("--json", arguments->json, "Print the same facts for programs")->group(group);
  add_source_options(*command, arguments->source);
  command->callback([arguments, &invocation, &diagnosis] {
    invocation.run = [arguments, &diagnosis] {
      auto exit_code = run_diagnose(diagnosis, *arguments);
      return exit_code.ok() ? exit_code.value() : fail(std::move(exit_code).error());
    };
  });
}

}  // namespace

void add_diagnose(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "diagnose", "Find what goes wrong, with evidence and what to do; exit code 3 if anything");
  command->require_subcommand(0, 1);
  add_one(*command, invocation, diagnose::eni(),
          "Failing calls on EC2 network interfaces (EKS, Auto Scaling, Lambda)");
  add_one(*command, invocation, diagnose::throttling(),
          "Who is throttled by which service, and whether they back off");
  add_one(*command, invocation, diagnose::access_denied(),
          "Who is denied what, why, and the smallest policy that would allow it");
}

}  // namespace cairn::cli
