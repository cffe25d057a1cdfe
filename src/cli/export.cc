// cairn export: records out of the lake (or any log files), as they were delivered.
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output_arguments.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "exporter/exporter.h"
#include "io/clock.h"
#include "lang/athena/lexer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

namespace cairn::cli {
namespace {

struct ExportArguments {
  SourceArguments source;
  exporter::Filter filter;
  exporter::LogFileOptions files;
  std::string start;
  std::string end;
  std::string format = "log-files";
  std::string output;
};

Status complete(ExportArguments& arguments) {
  const int64_t now = io::SystemClock().now_us();
  if (!arguments.start.empty())
    arguments.filter.start_us = CAIRN_TRY(parse_time_argument("--start", arguments.start, now));
  if (!arguments.end.empty())
    arguments.filter.end_us = CAIRN_TRY(parse_time_argument("--end", arguments.end, now));
  if (!arguments.filter.where.empty()) {
    const auto fault = lang::athena::fault_of_condition(arguments.filter.where);
    if (fault)
      return Error{ErrorKind::invalid_argument,
                   "--where: " + lang::athena::render(*fault, arguments.filter.where)};
  }
  const bool needs_output = arguments.format == "log-files" || arguments.format == "parquet";
  if (needs_output && arguments.output.empty())
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--format {} needs --output\nhint: name {}", arguments.format,
                             arguments.format == "parquet" ? "a file" : "an empty folder")};
  return {};
}

/// Lets Ctrl-C end an export between two files.
class CancelOnInterrupt {
 public:
  explicit CancelOnInterrupt(std::atomic<bool>& cancelled)
      : thread_([this, &cancelled] {
          while (!done_) {
            if (interrupted()) cancelled = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
          }
        }) {}

  CancelOnInterrupt(const CancelOnInterrupt&) = delete;
  CancelOnInterrupt& operator=(const CancelOnInterrupt&) = delete;

  ~CancelOnInterrupt() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

Result<exporter::ExportReport> log_files(query::Session& session, ExportArguments& arguments) {
  arguments.files.folder = arguments.output;
  std::atomic<bool> cancelled{false};
  const RunWatch watch(session);
  const CancelOnInterrupt cancel(cancelled);
  return exporter::export_log_files(session, arguments.filter, arguments.files, cancelled);
}

Result<exporter::ExportReport> lines(query::Session& session, const ExportArguments& arguments) {
  RunWatch watch(session);
  if (arguments.output.empty()) {
    DescriptorSink sink(STDOUT_FILENO, "standard output", [&watch] { watch.hide(); });
    auto report = exporter::export_lines(session, arguments.filter,
                                         [&](std::string_view text) { return sink.write(text); });
    if (report.ok()) CAIRN_TRY(sink.flush());
    if (sink.reader_gone()) return exporter::ExportReport{};
    return report;
  }
  auto file = CAIRN_TRY(OutputFile::create(arguments.output));
  DescriptorSink sink(file.descriptor(), arguments.output);
  auto report = CAIRN_TRY(exporter::export_lines(
      session, arguments.filter, [&](std::string_view text) { return sink.write(text); }));
  CAIRN_TRY(sink.flush());
  CAIRN_TRY(file.commit());
  report.files = 1;
  return report;
}

Result<exporter::ExportReport> rows(query::Session& session, const ExportArguments& arguments) {
  OutputArguments output;
  output.format = arguments.format;
  output.output = arguments.output;
  CAIRN_TRY(check_output_arguments(output));
  exporter::ExportReport report;
  report.events = CAIRN_TRY(print_query(
      session,
      "SELECT * FROM cloudtrail" + exporter::where_clause(arguments.filter) + " ORDER BY eventTime",
      output));
  report.files = arguments.output.empty() ? 0 : 1;
  return report;
}

Result<int> run_export(ExportArguments& arguments) {
  CAIRN_TRY(complete(arguments));
  auto session = CAIRN_TRY(open_session(arguments.source));
  Result<exporter::ExportReport> done = Error{ErrorKind::internal, "not run"};
  if (arguments.format == "log-files")
    done = log_files(session, arguments);
  else if (arguments.format == "jsonl")
    done = lines(session, arguments);
  else
    done = rows(session, arguments);
  const auto report = CAIRN_TRY(std::move(done));
  const int code = finish_run(arguments.source, session.coverage());
  if (!arguments.output.empty())
    print_error(fmt::format("{} event{} in {} file{}{}\n", with_thousands(report.events),
                            report.events == 1 ? "" : "s", with_thousands(report.files),
                            report.files == 1 ? "" : "s",
                            interrupted() ? "; interrupted, the same command makes the rest" : ""));
  return interrupted() ? static_cast<int>(exit_interrupted) : code;
}

}  // namespace

void add_export(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "export", "Gives the records back: as log files in CloudTrail's layout, JSON lines, tables");
  const auto arguments = std::make_shared<ExportArguments>();
  add_source_options(*command, arguments->source);
  const std::string which = "Which events";
  command->add_option("--start", arguments->start, "Events from TIME on")
      ->type_name("TIME")
      ->group(which);
  command->add_option("--end", arguments->end, "Events up to TIME")
      ->type_name("TIME")
      ->group(which);
  command->add_option("--account", arguments->filter.accounts, "Events that this account received")
      ->type_name("ID")
      ->group(which);
  command->add_option("--region", arguments->filter.regions, "Events of this region")
      ->type_name("REGION")
      ->group(which);
  command
      ->add_option(
          "--where", arguments->filter.where,
          "A condition in SQL over the table cloudtrail, such as \"errorCode IS NOT NULL\"")
      ->type_name("SQL")
      ->group(which);
  command
      ->add_option("--format", arguments->format,
                   "log-files (gzip, CloudTrail's layout), jsonl, csv or parquet")
      ->check(one_of({"log-files", "jsonl", "csv", "parquet"}))
      ->group("Output");
  command->add_option("--output", arguments->output, "Folder of the log files; else a file")
      ->type_name("PATH")
      ->group("Output");
  command
      ->add_option("--organization", arguments->files.organization,
                   "Lay log files out as the trail of this organisation does")
      ->type_name("o-ID")
      ->group("Output");
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_export(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
