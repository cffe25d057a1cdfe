// cairn lake …: what is in the lake, and its upkeep.
#include "store/lake.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/lake_arguments.h"
#include "cli/lake_report.h"
#include "cli/options.h"
#include "cli/progress_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "ingest/check_lake.h"
#include "ingest/compact.h"
#include "ingest/retention.h"
#include "io/clock.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <memory>

namespace cairn::cli {
namespace {

struct LakeCommand {
  LakeArguments lake;
  bool json = false;
  bool dry_run = false;
  std::string older_than;
  std::string snapshots_older_than = "7d";
  bool remove_orphans = false;
  std::string orphans_older_than = "1d";
  int64_t snapshot = 0;
  uint64_t file_megabytes = 128;
};

template <class Progress>
std::string share_of(const Progress& progress, std::string_view doing) {
  return fmt::format("{}: {}/{}", doing, human_bytes(progress.bytes_done),
                     human_bytes(progress.bytes_total));
}

Result<store::Lake> open(const LakeCommand& command, const io::Clock& clock) {
  const auto options = CAIRN_TRY(lake_options(command.lake));
  return store::Lake::open(options, clock, false);
}

Result<int64_t> instant_before(std::string_view option, const std::string& text) {
  const int64_t now = io::SystemClock().now_us();
  const int64_t instant = CAIRN_TRY(parse_time_argument(option, text, now));
  if (instant > now)
    return Error{ErrorKind::invalid_argument, fmt::format("{}: '{}' lies ahead", option, text)};
  return instant;
}

Result<int> status(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  const auto facts = CAIRN_TRY(lake_status(lake));
  return print(command.json ? status_json(facts) : status_text(facts));
}

Result<int> snapshots(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  const auto table = CAIRN_TRY(lake.open_table());
  return print(command.json ? snapshots_json(table) : snapshots_text(table));
}

Result<int> compact(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  ingest::CompactOptions options;
  options.file_bytes = command.file_megabytes * 1'000'000;
  options.dry_run = command.dry_run;
  std::atomic<bool> cancelled{false};
  ingest::CompactProgress progress;
  Result<ingest::CompactReport> done = Error{ErrorKind::internal, "not run"};
  {
    const ProgressWatch watch(cancelled, [&](double) { return share_of(progress, "compacting"); });
    done = ingest::compact(lake, options, cancelled, progress);
  }
  const auto report = CAIRN_TRY(std::move(done));
  const int code =
      print(command.json ? compact_json(report) : compact_text(report, command.dry_run));
  return cancelled ? static_cast<int>(exit_interrupted) : code;
}

Result<int> expire(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  std::atomic<bool> cancelled{false};
  ExpireReport report;
  if (!command.older_than.empty()) {
    const int64_t before = CAIRN_TRY(instant_before("--older-than", command.older_than));
    report.events_before_us = before;
    const ProgressWatch watch(cancelled, [](double) { return std::string("removing old events"); });
    report.events = CAIRN_TRY(ingest::remove_older(lake, before, command.dry_run, cancelled));
  }
  const int64_t snapshots_before =
      CAIRN_TRY(instant_before("--snapshots-older-than", command.snapshots_older_than));
  auto table = CAIRN_TRY(lake.open_table());
  report.snapshots = CAIRN_TRY(table.expire_snapshots(snapshots_before / 1000, command.dry_run));
  return print(command.json ? expire_json(report) : expire_text(report, command.dry_run));
}

Result<int> check(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  ingest::CheckOptions options;
  options.remove_orphans = command.remove_orphans;
  options.orphans_older_than_us =
      CAIRN_TRY(instant_before("--orphans-older-than", command.orphans_older_than));
  std::atomic<bool> cancelled{false};
  ingest::CheckProgress progress;
  Result<ingest::CheckReport> done = Error{ErrorKind::internal, "not run"};
  {
    const ProgressWatch watch(cancelled, [&](double) { return share_of(progress, "checking"); });
    done = ingest::check_lake(lake, options, cancelled, progress);
  }
  const auto report = CAIRN_TRY(std::move(done));
  print(command.json ? check_json(report) : check_text(report));
  return static_cast<int>(report.faults.empty() && report.duplicates == 0 ? exit_done : exit_found);
}

Result<int> rollback(LakeCommand& command) {
  const io::SystemClock clock;
  auto lake = CAIRN_TRY(open(command, clock));
  const auto lock = CAIRN_TRY(lake.catalog().lock_for_writing(600));
  auto table = CAIRN_TRY(lake.open_table());
  const auto snapshot = CAIRN_TRY(table.rollback(command.snapshot));
  return print(fmt::format("the lake is as it was in snapshot {} (new snapshot {})\n",
                           command.snapshot, snapshot.id));
}

using Run = Result<int> (*)(LakeCommand&);

CLI::App* add(CLI::App& parent, Invocation& invocation, const std::shared_ptr<LakeCommand>& command,
              const std::string& name, const std::string& doc, Run run) {
  CLI::App* const made = parent.add_subcommand(name, doc);
  add_lake_options(*made, command->lake);
  made->add_flag("--json", command->json, "For a program")->group("Output");
  made->callback([command, run, &invocation] {
    invocation.run = [command, run] {
      const auto exit_code = run(*command);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
  return made;
}

}  // namespace

void add_lake(CLI::App& app, Invocation& invocation) {
  CLI::App* const lake = app.add_subcommand("lake", "What is in the lake, and its upkeep");
  lake->require_subcommand(0, 1);
  const auto command = std::make_shared<LakeCommand>();
  add(*lake, invocation, command, "status",
      "Events, files, sizes, days, the ledger of what was taken", status);
  add(*lake, invocation, command, "snapshots", "The states that --as-of can ask", snapshots);
  CLI::App* const merging = add(*lake, invocation, command, "compact",
                                "Merges small files; readers and writers go on meanwhile", compact);
  merging->add_option("--file-size", command->file_megabytes, "Megabytes of a full file (128)")
      ->type_name("MB")
      ->check(CLI::Range(1, 1024));
  merging->add_flag("--dry-run", command->dry_run, "Only say what would be done");
  CLI::App* const expiring = add(*lake, invocation, command, "expire",
                                 "Removes old events, and the files of old snapshots", expire);
  expiring
      ->add_option("--older-than", command->older_than,
                   "Remove events before this time, such as 90d, 366d or 2,557d (seven years); "
                   "without it no event is removed")
      ->type_name("TIME");
  expiring
      ->add_option(
          "--snapshots-older-than", command->snapshots_older_than,
          "Forget snapshots before this time, and remove the files that only they need (7d)")
      ->type_name("TIME");
  expiring->add_flag("--dry-run", command->dry_run, "Only say what would be removed");
  CLI::App* const checking =
      add(*lake, invocation, command, "check",
          "Reads everything back: counts, checksums, times, ids; finds files that nothing names",
          check);
  checking->add_flag("--remove-orphans", command->remove_orphans,
                     "Remove files that nothing names");
  checking
      ->add_option("--orphans-older-than", command->orphans_older_than,
                   "Younger ones may be of a writer at work (1d)")
      ->type_name("TIME");
  CLI::App* const back =
      add(*lake, invocation, command, "rollback",
          "Makes an earlier snapshot the current one, by a new snapshot", rollback);
  back->add_option("SNAPSHOT", command->snapshot, "Its id, see `cairn lake snapshots`")->required();
}

}  // namespace cairn::cli
