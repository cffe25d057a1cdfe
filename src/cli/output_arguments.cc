#include "cli/output_arguments.h"

#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/terminal.h"
#include "render/render.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <utility>

namespace cairn::cli {
namespace {

Result<render::RenderOptions> render_options(const OutputArguments& arguments) {
  render::RenderOptions options;
  options.zone = CAIRN_TRY(render::TimeZone::find(arguments.timezone));
  if (const auto format = render::find_format(arguments.format)) options.format = *format;
  const bool to_terminal = arguments.output.empty() && is_terminal(STDOUT_FILENO);
  options.writer.columns_max = to_terminal && !arguments.wide ? terminal_columns(STDOUT_FILENO) : 0;
  options.terminal = to_terminal;
  options.writer.color = arguments.output.empty() && use_color(STDOUT_FILENO);
  options.writer.safe_csv = arguments.safe_csv;
  options.stopped = interrupted;
  return options;
}

Result<uint64_t> to_stdout(engine::ResultSet& rows, const render::RenderOptions& options,
                           std::function<void()> before_first) {
  DescriptorSink sink(STDOUT_FILENO, "standard output", std::move(before_first));
  Result<uint64_t> written = render::render(rows, options, sink);
  if (written.ok()) {
    const Status flushed = sink.flush();
    if (!flushed.ok() && !sink.reader_gone()) return flushed.error();
  } else if (sink.reader_gone()) {
    return uint64_t{0};
  } else if (const Status flushed = sink.flush(); !flushed.ok() && sink.reader_gone()) {
    return uint64_t{0};  // what was rendered before the failure is shown, too
  }
  return written;
}

Result<uint64_t> to_file(engine::ResultSet& rows, const render::RenderOptions& options,
                         const std::string& path) {
  OutputFile file = CAIRN_TRY(OutputFile::create(path));
  DescriptorSink sink(file.descriptor(), "'" + path + "'");
  const uint64_t written = CAIRN_TRY(render::render(rows, options, sink));
  CAIRN_TRY(sink.flush());
  if (interrupted()) return Error(ErrorKind::unavailable, "interrupted");
  CAIRN_TRY(file.commit());
  return written;
}

/// The engine names the file that it writes; the user knows it by its later name.
Error with_name(Error error, const std::string& unfinished_path, const std::string& path) {
  const std::string_view unfinished =
      std::string_view(unfinished_path).substr(unfinished_path.rfind('/') + 1);
  const size_t named = error.message().find(unfinished);
  if (error.kind() != ErrorKind::unavailable || named == std::string::npos) return error;
  const size_t reason = error.message().find(": ", named);
  return {error.kind(),
          fmt::format("cannot write '{}'{}", path,
                      reason == std::string::npos ? "" : error.message().substr(reason))};
}

Result<uint64_t> to_parquet(query::Session& session, std::string_view statement,
                            const std::string& path) {
  OutputFile file = CAIRN_TRY(OutputFile::create(path));
  auto written = session.sql_to_parquet(statement, file.unfinished_path());
  if (interrupted()) return Error(ErrorKind::unavailable, "interrupted");
  if (!written.ok()) return with_name(std::move(written).error(), file.unfinished_path(), path);
  CAIRN_TRY(file.commit());
  return written;
}

Result<uint64_t> write_rows(engine::ResultSet& rows, const OutputArguments& arguments,
                            std::function<void()> before_first) {
  const render::RenderOptions options = CAIRN_TRY(render_options(arguments));
  if (!arguments.output.empty()) return to_file(rows, options, arguments.output);
  return to_stdout(rows, options, std::move(before_first));
}

}  // namespace

void add_output_options(CLI::App& command, OutputArguments& arguments) {
  const std::string group = "Output";
  command.add_option("--format", arguments.format, "Form of the answer (default: table)")
      ->check(one_of({"table", "csv", "json", "jsonl", "markdown", "parquet", "vertical"}))
      ->group(group);
  command
      .add_option("--output", arguments.output,
                  "Write to FILE, which appears whole or not at all; replaces an existing one")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--timezone", arguments.timezone,
                  "Show times in this zone: UTC (default), local, +02:00, Europe/Berlin")
      ->type_name("ZONE")
      ->group(group);
  command.add_flag("--wide", arguments.wide, "Do not cut columns to fit the terminal")
      ->group(group);
  command
      .add_flag("--safe-csv", arguments.safe_csv,
                "In CSV, put ' before text that a spreadsheet would run as a formula")
      ->group(group);
}

Status check_output_arguments(const OutputArguments& arguments) {
  CAIRN_TRY(render::TimeZone::find(arguments.timezone));
  if (arguments.format == "parquet" && arguments.output.empty())
    return Error(ErrorKind::invalid_argument,
                 "Parquet is not written to standard output\n"
                 "hint: name a file, such as `--output answer.parquet`");
  return {};
}

Result<uint64_t> print_query(query::Session& session, std::string_view statement,
                             const OutputArguments& arguments) {
  CAIRN_TRY(check_output_arguments(arguments));
  RunWatch watch(session, arguments.leave_on_interrupt ? OnStop::leave : OnStop::unwind);
  if (arguments.format == "parquet") return to_parquet(session, statement, arguments.output);
  engine::ResultSet rows = CAIRN_TRY(session.sql(statement));
  // Rows and the progress line on one terminal would run into each other.
  if (is_terminal(STDOUT_FILENO)) return write_rows(rows, arguments, [&watch] { watch.hide(); });
  return write_rows(rows, arguments, nullptr);
}

Result<uint64_t> print_rows(engine::ResultSet& rows, const OutputArguments& arguments) {
  return write_rows(rows, arguments, nullptr);
}

}  // namespace cairn::cli
