// cairn timeline: what an identity did, with the sessions it opened; what was done to a resource;
// what came from an address.
#include "investigate/timeline.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "io/clock.h"
#include "render/row_writer.h"
#include "render/time_zone.h"
#include "render/value_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace cairn::cli {
namespace {

struct TimelineArguments {
  SourceArguments source;
  std::string identity;
  std::string resource;
  std::string ip;
  std::string around;
  std::string within;  ///< "": an hour
  std::string start;
  std::string end;
  std::string format = "table";
  std::string timezone = "UTC";
  bool changes = false;
  bool wide = false;
};

Result<investigate::TimelineRequest> make_request(const TimelineArguments& arguments) {
  using Subject = investigate::TimelineRequest::Subject;
  const int given = (arguments.identity.empty() ? 0 : 1) + (arguments.resource.empty() ? 0 : 1) +
                    (arguments.ip.empty() ? 0 : 1);
  if (given != 1)
    return Error{ErrorKind::invalid_argument,
                 "one of --identity, --resource and --ip says whose timeline is wanted\n"
                 "hint: such as `cairn timeline --identity AKIAIOSFODNN7EXAMPLE`"};
  investigate::TimelineRequest request;
  if (!arguments.resource.empty()) request.subject = Subject::resource;
  if (!arguments.ip.empty()) request.subject = Subject::address;
  request.value = arguments.identity + arguments.resource + arguments.ip;
  const int64_t now = io::SystemClock().now_us();
  if (!arguments.start.empty())
    request.start_us = CAIRN_TRY(parse_time_argument("--start", arguments.start, now));
  if (!arguments.end.empty())
    request.end_us = CAIRN_TRY(parse_time_argument("--end", arguments.end, now));
  if (arguments.around.empty()) {
    if (arguments.within.empty()) return request;
    return Error{ErrorKind::invalid_argument,
                 "--within says how near --around means, and there is none\n"
                 "hint: such as --around 2025-03-14T09:00:00Z --within 30m"};
  }
  if (request.start_us || request.end_us)
    return Error{ErrorKind::invalid_argument,
                 "--around sets the time: leave out --start and --end"};
  const int64_t around = CAIRN_TRY(parse_time_argument("--around", arguments.around, now));
  const auto within = parse_duration(arguments.within.empty() ? "1h" : arguments.within);
  if (!within)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--within: '{}' is no span\nhint: write 30m, 2h or 1d",
                             printable(arguments.within))};
  request.start_us = around - *within;
  request.end_us = around + *within;
  return request;
}

/// `[2]`: the number that the heading gives a session.
std::string mark_of(size_t link) {
  return link == investigate::ChainLink::kNone ? "" : fmt::format("[{}]", link + 1);
}

std::string name_of(const investigate::ChainLink& link) {
  std::string out = link.arn.empty() ? link.key : link.arn;
  if (!link.key.empty() && out != link.key) out += fmt::format(" ({})", link.key);
  return out.empty() ? "unknown" : out;
}

size_t depth_of(const investigate::Chain& chain, size_t link) {
  size_t depth = 0;
  for (; chain.links[link].parent != investigate::ChainLink::kNone; link = chain.links[link].parent)
    ++depth;
  return depth;
}

/// The identities and sessions, indented below what opened them.
std::string heading(const investigate::Chain& chain, const render::TimeZone& zone) {
  std::string out;
  for (size_t i = 0; i < chain.links.size(); ++i) {
    const auto& link = chain.links[i];
    out += fmt::format("{:<6}{}{}", mark_of(i), std::string(depth_of(chain, i) * 2, ' '),
                       printable(name_of(link)));
    if (link.opened_us)
      out += fmt::format("  by {} {}", printable(link.opened_by),
                         render::timestamp_text(*link.opened_us, zone, 0));
    out += '\n';
  }
  if (chain.cut) out += fmt::format("… more sessions than {}\n", investigate::kLinksMax);
  return out;
}

std::string_view short_source(std::string_view source) {
  constexpr std::string_view kSuffix = ".amazonaws.com";
  return source.ends_with(kSuffix) ? source.substr(0, source.size() - kSuffix.size()) : source;
}

std::string join(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

/// Rows for people and for programs.
class EventRows {
 public:
  EventRows(const TimelineArguments& arguments, render::Format format, render::TimeZone zone,
            bool chained, render::ByteSink& sink)
      : json_(format == render::Format::json || format == render::Format::jsonl),
        narrow_(format == render::Format::table && !arguments.wide),
        chained_(chained),
        zone_(zone) {
    render::WriterOptions options{.color = use_color(STDOUT_FILENO)};
    if (narrow_ && is_terminal(STDOUT_FILENO))
      options.columns_max = terminal_columns(STDOUT_FILENO);
    std::vector<render::Header> headers{{"time"}, {"call"}, {"service"}, {"error"}, {"address"}};
    if (chained_) headers.insert(headers.begin() + 1, {"session"});
    if (!chained_) headers.insert(headers.begin() + 1, {"who"});
    if (!narrow_)
      headers.insert(
          headers.end(),
          {{"region"}, {"account"}, {"arn"}, {"accessKeyId"}, {"userAgent"}, {"eventID"}});
    headers.push_back({"first seen"});
    writer_ = render::make_row_writer(format, std::move(headers), options, sink);
  }

  Status event(const investigate::TimelineEvent& event) {
    fields_.clear();
    add(render::timestamp_text(event.time_us, zone_, 0));
    add(chained_ ? mark_of(event.link) : event.arn);
    add(event.name);
    add(short_source(event.source));
    add(event.error);
    add(event.address);
    if (!narrow_)
      for (const auto& text :
           {event.region, event.account, event.arn, event.key, event.agent, event.event_id})
        add(text);
    add(join(event.first_seen));
    return writer_->row(fields_);
  }

  Status finish() { return writer_->finish(); }

 private:
  void add(std::string_view text) {
    render::Field field;
    if (json_)
      append_json_string(field.text, text);
    else
      field.text = text;
    fields_.push_back(std::move(field));
  }

  bool json_;
  bool narrow_;
  bool chained_;
  render::TimeZone zone_;
  std::vector<render::Field> fields_;
  std::unique_ptr<render::RowWriter> writer_;
};

Result<int> run_timeline(const TimelineArguments& arguments) {
  const auto request = CAIRN_TRY(make_request(arguments));
  const auto zone = CAIRN_TRY(render::TimeZone::find(arguments.timezone));
  auto session = CAIRN_TRY(open_session(arguments.source));
  const bool chained = request.subject == investigate::TimelineRequest::Subject::identity;
  const auto format = render::find_format(arguments.format).value_or(render::Format::table);
  DescriptorSink output(STDOUT_FILENO, "standard output");
  EventRows rows(arguments, format, zone, chained, output);
  Status written;
  uint64_t events = 0;
  {
    RunWatch watch(session);
    const auto chain = CAIRN_TRY(investigate::find_chain(session, request));
    if (chained && format == render::Format::table)
      written = output.write(heading(chain, zone) + "\n");
    bool first = true;
    uint64_t shown = 0;
    events = CAIRN_TRY(investigate::read_timeline(
        session, request, chain, [&](const investigate::TimelineEvent& event) {
          if (std::exchange(first, false)) watch.hide();
          if (arguments.changes && event.read_only.value_or(false)) return true;
          ++shown;
          if (written.ok()) written = rows.event(event);
          return written.ok();
        }));
    events = arguments.changes ? shown : events;
  }
  if (written.ok()) written = rows.finish();
  if (written.ok()) written = output.flush();
  if (!written.ok()) {
    if (output.reader_gone()) return static_cast<int>(exit_done);
    return std::move(written).error();
  }
  if (events == 0) print_error("no events fit\n");
  return finish_run(arguments.source, session.coverage());
}

}  // namespace

void add_timeline(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "timeline", "Everything an identity did, or that was done to a resource, in order");
  const auto arguments = std::make_shared<TimelineArguments>();
  const std::string whose = "Whose";
  command
      ->add_option("--identity", arguments->identity,
                   "Access key id, ARN of a user, role or session, principal id or user name; with "
                   "all sessions that it opened, and what opened it")
      ->type_name("ARN|KEY")
      ->group(whose);
  command
      ->add_option("--resource", arguments->resource,
                   "What was done to this: an ARN, id or name as it stands in requests and answers")
      ->type_name("ID")
      ->group(whose);
  command->add_option("--ip", arguments->ip, "What came from this address")
      ->type_name("ADDR")
      ->group(whose);
  const std::string when = "When";
  command->add_option("--around", arguments->around, "Only near this time; see --within")
      ->type_name("TIME")
      ->group(when);
  command->add_option("--within", arguments->within, "How near --around means (1h)")
      ->type_name("SPAN")
      ->group(when);
  command->add_option("--start", arguments->start, "Earliest event time")
      ->type_name("TIME")
      ->group(when);
  command->add_option("--end", arguments->end, "Latest event time, inclusive")
      ->type_name("TIME")
      ->group(when);
  add_source_options(*command, arguments->source);
  command->add_flag("--changes", arguments->changes, "Leave out calls that only read")
      ->group("Output");
  command
      ->add_option("--format", arguments->format, "table, csv, json, jsonl, markdown or vertical")
      ->check(one_of({"table", "csv", "json", "jsonl", "markdown", "vertical"}))
      ->group("Output");
  command->add_option("--timezone", arguments->timezone, "Show times there (UTC)")
      ->type_name("ZONE")
      ->group("Output");
  command->add_flag("--wide", arguments->wide, "All columns, uncut")->group("Output");
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_timeline(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
