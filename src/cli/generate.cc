// cairn generate: made-up log files of any amount.
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/progress_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "generate/generator.h"
#include "generate/stories.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct GenerateArguments {
  generate::GenerateOptions options;
  std::string start;
  double duplicates_percent = 0;
  bool force = false;
};

std::string progress_text(const generate::GenerateProgress& progress, uint64_t events,
                          double seconds) {
  const auto bytes = progress.json_bytes.load();
  const double share =
      events == 0 ? 1 : static_cast<double>(progress.events) / static_cast<double>(events);
  return fmt::format("{} events  {} of JSON  {}/s  {:.0f} %", with_thousands(progress.events),
                     human_bytes(bytes),
                     human_bytes(static_cast<uint64_t>(static_cast<double>(bytes) / seconds)),
                     std::min(100.0, share * 100));
}

Status prepare_folder(const GenerateArguments& arguments) {
  const fs::path folder = arguments.options.output;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot make the folder '{}': {}", folder.string(), error.message())};
  }
  const bool empty = fs::is_empty(folder, error);
  if (!error && !empty && !arguments.force) {
    return Error{
        ErrorKind::already_exists,
        fmt::format("'{}' is not empty\nhint: choose another folder, or add to it with --force",
                    folder.string())};
  }
  return {};
}

Status complete(GenerateArguments& arguments) {
  arguments.options.duplicates = arguments.duplicates_percent / 100;
  if (arguments.start.empty()) return {};
  const auto start = parse_iso8601(arguments.start);
  if (!start) {
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--start: cannot understand the time '{}'\nhint: write it as "
                             "2026-10-01 or 2026-10-01T00:00:00Z",
                             printable(arguments.start))};
  }
  arguments.options.start_us = *start - *start % kMicrosPerDay;  // days are whole
  return {};
}

Result<int> run_generate(GenerateArguments& arguments) {
  CAIRN_TRY(complete(arguments));
  CAIRN_TRY(prepare_folder(arguments));
  const auto began = Clock::now();
  generate::GenerateProgress progress;
  Result<generate::GenerateReport> made = Error{ErrorKind::internal, "not run"};
  {
    const ProgressWatch watch(progress.cancelled, [&](double seconds) {
      return progress_text(progress, arguments.options.events, seconds);
    });
    made = generate::generate(arguments.options, progress);
  }
  if (interrupted()) return static_cast<int>(exit_interrupted);
  const auto report = CAIRN_TRY(std::move(made));
  const double seconds = seconds_since(began);
  std::string extra;
  if (report.story_events > 0)
    extra += fmt::format(" and {} of stories", with_thousands(report.story_events));
  if (report.repeated_events > 0)
    extra += fmt::format(", {} of them delivered twice", with_thousands(report.repeated_events));
  print_error(fmt::format("{} events{} in {} files: {} of JSON, {} compressed, {:.1f} s ({}/s)\n",
                          with_thousands(report.events), extra, with_thousands(report.files),
                          human_bytes(report.json_bytes), human_bytes(report.gzip_bytes), seconds,
                          human_bytes(static_cast<uint64_t>(static_cast<double>(report.json_bytes) /
                                                            std::max(seconds, 1e-6)))));
  const auto logs = (fs::path(arguments.options.output) / "AWSLogs").string();
  print_error(fmt::format("try: cairn summary --from {}\n", logs));
  return static_cast<int>(exit_done);
}

}  // namespace

void add_generate(CLI::App& app, Invocation& invocation) {
  CLI::App* const command =
      app.add_subcommand("generate", "Makes realistic log files of any amount");
  const auto arguments = std::make_shared<GenerateArguments>();
  auto& options = arguments->options;
  const auto stories = generate::story_names();
  command->add_option("--events", options.events, "Events, without those of stories (100000)")
      ->type_name("N");
  command->add_option("--seed", options.seed, "The same seed gives the same files (1)")
      ->type_name("N");
  command->add_option("--days", options.days, "Days that they span (1)")->type_name("N");
  command->add_option("--accounts", options.accounts, "Accounts (2)")->type_name("N");
  command->add_option("--regions", options.regions, "Regions, at most 17 (2)")->type_name("N");
  command->add_option("--start", arguments->start, "When they begin, UTC (2026-10-01)")
      ->type_name("TIME");
  command
      ->add_option("--story", options.stories,
                   fmt::format("An incident to tell, with its truth in truth.jsonl: {}",
                               fmt::join(stories, ", ")))
      ->type_name("NAME")
      ->check(one_of({stories.begin(), stories.end()}));
  command
      ->add_option("--duplicates", arguments->duplicates_percent,
                   "Percent of the events that are delivered twice (0)")
      ->type_name("PERCENT");
  command->add_option("--batch", options.batch_minutes, "Minutes of events in a log file (5)")
      ->type_name("N");
  command
      ->add_option("--organization", options.organization,
                   "Lay files out as the trail of this organisation does")
      ->type_name("o-ID");
  command->add_option("--threads", options.threads, "Threads (one per core)")->type_name("N");
  command->add_option("--level", options.level, "Level of gzip, 1 to 12 (6)")->type_name("N");
  command->add_flag("--force", arguments->force, "Write into a folder that is not empty");
  command->add_option("--output", options.output, "Folder for the files")
      ->type_name("DIR")
      ->required();
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_generate(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
