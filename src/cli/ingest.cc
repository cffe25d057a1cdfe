// cairn ingest: events of log files into the lake, each once.
#include "ingest/ingest.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/ingest_report.h"
#include "cli/interrupt.h"
#include "cli/lake_arguments.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "ingest/rejected.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

namespace cairn::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct IngestArguments {
  LakeArguments lake;
  std::vector<std::string> sources;
  ingest::IngestOptions options;
  uint64_t batch_megabytes = 192;
  bool json = false;
};

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// Passes Ctrl-C on, and on a terminal shows how far the run is.
class Watch {
 public:
  Watch(const ingest::IngestProgress& progress, std::atomic<bool>& cancelled)
      : progress_(progress), cancelled_(cancelled), thread_([this] { run(); }) {}

  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  ~Watch() {
    done_ = true;
    thread_.join();
    if (shown_) print_error("\r\x1b[K");
  }

 private:
  void run() {
    const auto began = Clock::now();
    const bool terminal = is_terminal(STDERR_FILENO);
    for (int tick = 0; !done_; ++tick) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (interrupted()) cancelled_ = true;
      const double seconds = seconds_since(began);
      if (!terminal || seconds < 0.5 || tick % 10 != 0) continue;
      shown_ = true;
      print_error("\r\x1b[K" + progress_text(progress_, seconds));
    }
  }

  const ingest::IngestProgress& progress_;
  std::atomic<bool>& cancelled_;
  std::atomic<bool> done_{false};
  bool shown_ = false;
  std::thread thread_;
};

Result<int> run_ingest(IngestArguments& arguments) {
  auto& options = arguments.options;
  if (arguments.sources.empty() && !options.retry_rejected)
    return Error{ErrorKind::invalid_argument,
                 "nothing to ingest\nhint: name log files or folders, such as `cairn ingest "
                 "AWSLogs/`, or use --retry-rejected"};
  if (!arguments.sources.empty() && options.retry_rejected)
    return Error{ErrorKind::invalid_argument,
                 "--retry-rejected takes the objects from the lake's ledger, not from arguments"};
  options.batch_bytes = arguments.batch_megabytes * 1'000'000;
  const io::SystemClock clock;
  const auto where = CAIRN_TRY(lake_options(arguments.lake));
  auto lake = CAIRN_TRY(store::Lake::open(where, clock, true));
  const auto source = options.retry_rejected ? ingest::make_rejected_source(lake)
                                             : ingest::make_file_source(arguments.sources);
  ingest::IngestProgress progress;
  std::atomic<bool> cancelled{false};
  const auto began = Clock::now();
  Result<ingest::IngestReport> done = Error{ErrorKind::internal, "not run"};
  {
    const Watch watch(progress, cancelled);
    done = ingest::ingest(lake, *source, options, clock, cancelled, progress);
  }
  const auto report = CAIRN_TRY(std::move(done));
  const double seconds = seconds_since(began);
  if (arguments.json)
    print(report_json(report, where.folder, seconds) + "\n");
  else
    print_error(report_text(report, where.folder, seconds));
  if (report.interrupted) return static_cast<int>(exit_interrupted);
  return static_cast<int>(has_failures(report) ? exit_failed : exit_done);
}

}  // namespace

void add_ingest(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "ingest", "Takes events into the lake, each once, to ask them at any time");
  const auto arguments = std::make_shared<IngestArguments>();
  auto& options = arguments->options;
  command->add_option("SRC", arguments->sources,
                      "Log files, folders or globs, in any form that --from reads");
  command
      ->add_flag("--salvage", options.salvage,
                 "Take the whole records out of files that are otherwise rejected")
      ->group("Input");
  command
      ->add_flag("--retry-rejected", options.retry_rejected,
                 "Read again what earlier runs rejected, after it was repaired")
      ->group("Input");
  command
      ->add_flag("--take-changed", options.take_changed,
                 "Read files again that changed since they were taken; their new events are added")
      ->group("Input");
  command->add_option("--threads", options.threads, "Threads (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->group("Input");
  command
      ->add_option("--batch-size", arguments->batch_megabytes,
                   "Megabytes of JSON that are sorted and committed together (192)")
      ->type_name("MB")
      ->check(CLI::Range(1, 16'384))
      ->group("Input");
  add_lake_options(*command, arguments->lake);
  command->add_flag("--json", arguments->json, "Print the summary as JSON, on standard output")
      ->group("Output");
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_ingest(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
