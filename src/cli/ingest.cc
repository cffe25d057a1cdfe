// cairn ingest: events of log files into the lake, each once. cairn collect: the same, again and
// again.
#include "base/time.h"
#include "cli/collect.h"
#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "ingest/bucket_source.h"
#include "ingest/rejected.h"
#include "io/clock.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

namespace cairn::cli {
namespace {

struct FollowArguments {
  CollectArguments collect;
  std::string queue;
  bool follow = false;
  std::string every = "60s";
};

Result<store::Lake> open_lake(CollectArguments& arguments, const io::Clock& clock) {
  arguments.options.batch_bytes = arguments.batch_megabytes * 1'000'000;
  const auto where = CAIRN_TRY(lake_options(arguments.lake, arguments.buckets));
  return store::Lake::open(where, clock, true);
}

Result<int> run_ingest(CollectArguments& arguments) {
  const bool retry = arguments.options.retry_rejected;
  if (arguments.sources.empty() && !retry)
    return Error{ErrorKind::invalid_argument,
                 "nothing to ingest\nhint: name log files, folders or buckets, such as `cairn "
                 "ingest AWSLogs/` or `cairn ingest s3://my-trail/`"};
  if (!arguments.sources.empty() && retry)
    return Error{ErrorKind::invalid_argument,
                 "--retry-rejected takes the objects from the lake's ledger, not from arguments"};
  const io::SystemClock clock;
  std::atomic<bool> cancelled{false};
  auto lake = CAIRN_TRY(open_lake(arguments, clock));
  const auto access = CAIRN_TRY(AwsAccess::open(arguments.buckets, &cancelled));
  std::vector<OpenSource> sources;
  if (retry)
    sources.push_back(OpenSource{"", ingest::make_rejected_source(lake), {}});
  else
    sources = CAIRN_TRY(open_sources(arguments, lake, *access, clock.now_us()));
  int worst = exit_done;
  for (auto& source : sources) {
    const int code = CAIRN_TRY(run_and_report(lake, source, arguments, cancelled));
    if (code == exit_interrupted) return code;
    worst = std::max(worst, code);
  }
  return worst;
}

/// One round over all sources; a source that fails does not keep the others from their turn.
int collect_once(FollowArguments& arguments, store::Lake& lake, AwsAccess& access,
                 std::atomic<bool>& cancelled) {
  int worst = exit_done;
  const auto run = [&](OpenSource& source) {
    const auto code = run_and_report(lake, source, arguments.collect, cancelled);
    worst = std::max(worst, code.ok() ? code.value() : fail(code.error()));
    return code.ok() && code.value() != exit_interrupted;
  };
  auto sources = open_sources(arguments.collect, lake, access, io::SystemClock().now_us());
  if (!sources.ok()) return fail(sources.error());
  for (auto& source : sources.value())
    if (!run(source) && cancelled) return exit_interrupted;
  return worst;
}

void wait_between(int64_t micros, const std::atomic<bool>& cancelled) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(micros);
  while (!cancelled && !interrupted() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

Result<int> collect_queue(FollowArguments& arguments, store::Lake& lake, AwsAccess& access,
                          std::atomic<bool>& cancelled) {
  constexpr int kWaitSeconds = 10;
  constexpr size_t kMessagesMax = 5000;
  const auto queue = CAIRN_TRY(access.queue(arguments.queue));
  int worst = exit_done;
  do {
    auto messages = ingest::make_queue_source(
        *queue, [&](const std::string& bucket) { return access.bucket(bucket); },
        arguments.follow ? kWaitSeconds : 1, kMessagesMax);
    ingest::QueueSource& acknowledged = *messages;
    OpenSource source{arguments.queue, std::move(messages), {}};
    const auto code = run_and_report(lake, source, arguments.collect, cancelled);
    // Messages go once their objects are in the ledger; else they come again.
    const bool done = code.ok() && code.value() != exit_interrupted;
    const auto removed = done ? acknowledged.acknowledge() : Status{};
    if (acknowledged.unknown_messages() > 0)
      print_error(fmt::format("cairn: {} messages name no objects and stay in the queue\n",
                              acknowledged.unknown_messages()));
    worst = std::max(worst, code.ok() ? code.value() : fail(code.error()));
    if (!removed.ok()) worst = std::max(worst, fail(removed.error()));
    if (arguments.follow && !code.ok()) wait_between(5'000'000, cancelled);
  } while (arguments.follow && !interrupted());
  return worst;
}

Result<int> run_collect(FollowArguments& arguments) {
  auto& collect = arguments.collect;
  if (collect.sources.empty() && arguments.queue.empty())
    return Error{ErrorKind::invalid_argument,
                 "no sources: name folders or buckets, --queue, or a --config file that does\n"
                 "hint: `cairn help collect` shows such a file"};
  const auto every = parse_duration(arguments.every);
  if (!every || *every < kMicrosPerSecond)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--every: '{}' is no span of a second or more", arguments.every)};
  const io::SystemClock clock;
  std::atomic<bool> cancelled{false};
  auto lake = CAIRN_TRY(open_lake(collect, clock));
  const auto access = CAIRN_TRY(AwsAccess::open(collect.buckets, &cancelled));
  if (!arguments.queue.empty()) return collect_queue(arguments, lake, *access, cancelled);
  for (;;) {
    const int code = collect_once(arguments, lake, *access, cancelled);
    if (!arguments.follow || interrupted()) return code;
    wait_between(*every, cancelled);
    if (interrupted()) return static_cast<int>(exit_interrupted);
  }
}

}  // namespace

void add_collect_options(CLI::App& command, CollectArguments& arguments) {
  auto& options = arguments.options;
  command
      .add_flag("--salvage", options.salvage,
                "Take the whole records out of files that are otherwise rejected")
      ->group("Input");
  command
      .add_flag("--take-changed", options.take_changed,
                "Read files again that changed since they were taken; their new events are added")
      ->group("Input");
  command
      .add_flag("--full-listing", arguments.full_listing,
                "List whole buckets, not only the days that may have changed")
      ->group("Input");
  command.add_option("--threads", options.threads, "Threads (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->group("Input");
  command
      .add_option("--batch-size", arguments.batch_megabytes,
                  "Megabytes of JSON that are sorted and committed together (160)")
      ->type_name("MB")
      ->check(CLI::Range(1, 16'384))
      ->group("Input");
  add_bucket_options(command, arguments.buckets);
  add_lake_options(command, arguments.lake);
  command.add_flag("--json", arguments.json, "Print the summary as JSON, on standard output")
      ->group("Output");
}

void add_ingest(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "ingest", "Takes events into the lake, each once, to ask them at any time");
  const auto arguments = std::make_shared<CollectArguments>();
  command->add_option("SRC", arguments->sources,
                      "Log files, folders or globs, in any form that --from reads; or "
                      "s3://bucket/prefix");
  command
      ->add_flag("--retry-rejected", arguments->options.retry_rejected,
                 "Read again what earlier runs rejected, after it was repaired")
      ->group("Input");
  add_collect_options(*command, *arguments);
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_ingest(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

void add_collect(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "collect", "Ingests from configured sources, and goes on as new objects come");
  const auto arguments = std::make_shared<FollowArguments>();
  command->add_option("SRC,--source", arguments->collect.sources,
                      "Folders, globs, s3://bucket/prefix");
  command
      ->add_option(
          "--queue", arguments->queue,
          "SQS queue that tells of new objects: S3's notifications, or CloudTrail's by SNS")
      ->type_name("URL")
      ->group("Input");
  command->add_flag("--follow", arguments->follow, "Go on until stopped")->group("Input");
  command->add_option("--every", arguments->every, "Look for new objects so often (60s)")
      ->type_name("SPAN")
      ->group("Input");
  add_config_option(*command);
  add_collect_options(*command, arguments->collect);
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_collect(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
