// cairn lookup: CloudTrail's Event history over files.
#include "history/lookup.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "history/lookup_json.h"
#include "io/clock.h"
#include "render/display.h"
#include "render/row_writer.h"
#include "render/time_zone.h"
#include "render/value_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::cli {
namespace {

struct LookupArguments {
  SourceArguments source;
  std::vector<std::string> attributes;
  std::string category;
  std::string start;
  std::string end;
  std::vector<std::string> accounts;
  std::vector<std::string> regions;
  int64_t max_results = 0;  ///< 0: not given
  int64_t max_items = 0;    ///< 0: not given
  bool all = false;
  bool aws = false;
  bool wide = false;
  bool safe_csv = false;
  std::string next_token;
  std::string format = "table";
  std::string output;  ///< file; "" is standard output
  std::string timezone = "UTC";
};

/// Shows events in one format.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  virtual Status event(const history::Event& event) = 0;
  virtual Status finish(std::string_view next_token) = 0;
};

/// As `aws cloudtrail lookup-events` prints them, whole or one event per line.
class AwsJsonWriter final : public EventWriter {
 public:
  AwsJsonWriter(bool lines, render::ByteSink& sink) : lines_(lines), sink_(sink) {}

  Status event(const history::Event& event) override {
    if (lines_) return sink_.write(history::event_json(event) + "\n");
    CAIRN_TRY(begin());
    return sink_.write(json_.event(event));
  }

  Status finish(std::string_view next_token) override {
    if (lines_) return {};
    CAIRN_TRY(begin());
    return sink_.write(json_.end(next_token));
  }

 private:
  Status begin() {
    if (std::exchange(begun_, true)) return {};
    return sink_.write(history::LookupJson::begin());
  }

  bool lines_;
  bool begun_ = false;
  render::ByteSink& sink_;
  history::LookupJson json_;
};

std::string user_of(const history::Event& event) {
  if (event.username.empty()) return event.caller;
  if (event.caller.find(":role/") == std::string::npos) return event.username;
  return fmt::format("{}/{}", history::short_name(event.caller), event.username);
}

/// The first resource, and how many more there are.
std::string resource_text(const history::Event& event, bool narrow) {
  if (event.resources.empty()) return {};
  std::string_view first = event.resources.front().name;
  if (narrow && first.starts_with("arn:")) first = history::short_name(first);
  if (event.resources.size() == 1) return std::string(first);
  return fmt::format("{} +{}", first, event.resources.size() - 1);
}

std::string_view short_source(std::string_view source) {
  constexpr std::string_view kSuffix = ".amazonaws.com";
  if (source.ends_with(kSuffix)) source.remove_suffix(kSuffix.size());
  return source;
}

/// Columns of the narrow table on a terminal: times stay whole, the rest shares what is left.
struct Widths {
  size_t event = 0;
  size_t source = 0;  ///< 0: too little room for that column
  size_t user = 0;
  size_t outcome = 0;
  size_t address = 0;
};

Widths share_columns(size_t columns, bool utc) {
  constexpr size_t kRoomForSource = 100;
  constexpr size_t kRoomForLongAddresses = 130;
  constexpr size_t kGap = 2;
  Widths widths{.source = columns < kRoomForSource ? 0U : 14U,
                .address = columns < kRoomForLongAddresses ? 15U : 30U};
  const size_t gaps = kGap * (widths.source > 0 ? 5 : 4);
  const size_t taken = (utc ? 19 : 26) + widths.source + widths.address + gaps;
  const size_t left = std::max<size_t>(columns, taken + 30) - taken;
  widths.user = left / 4;
  widths.outcome = std::max<size_t>(left * 3 / 8, 14);
  widths.event = left - widths.user - widths.outcome;
  return widths;
}

/// As rows of text.
class RowsWriter final : public EventWriter {
 public:
  RowsWriter(const LookupArguments& arguments, render::Format format, render::TimeZone zone,
             render::ByteSink& sink)
      : narrow_(format == render::Format::table && !arguments.wide), zone_(zone) {
    const bool to_stdout = arguments.output.empty();
    render::WriterOptions options{.color = to_stdout && use_color(STDOUT_FILENO),
                                  .safe_csv = arguments.safe_csv};
    if (narrow_ && to_stdout && is_terminal(STDOUT_FILENO)) {
      options.columns_max = terminal_columns(STDOUT_FILENO);
      widths_ = share_columns(options.columns_max, zone.is_utc());
    }
    std::vector<render::Header> headers{{"time"}, {"event"}};
    if (!widths_ || widths_->source > 0) headers.push_back({"source"});
    headers.push_back({"user"});
    if (narrow_)
      headers.insert(headers.end(), {{"error/resource"}, {"address"}});
    else
      headers.insert(headers.end(), {{"error"},
                                     {"resource"},
                                     {"address"},
                                     {"region"},
                                     {"account"},
                                     {"accessKeyId"},
                                     {"eventID"}});
    writer_ = render::make_row_writer(format, std::move(headers), options, sink);
  }

  Status event(const history::Event& event) override {
    fields_.clear();
    add(event.time_us ? render::timestamp_text(*event.time_us, zone_, 0) : "");
    add(event.event_name, &Widths::event);
    if (!widths_ || widths_->source > 0) add(short_source(event.event_source), &Widths::source);
    add(user_of(event), &Widths::user);
    if (narrow_) {
      add(event.error_code.empty() ? resource_text(event, true) : event.error_code,
          &Widths::outcome);
      add(event.source_ip, &Widths::address);
    } else {
      add(event.error_code);
      add(resource_text(event, false));
      for (const auto& text :
           {event.source_ip, event.region, event.account, event.access_key_id, event.event_id})
        add(text);
    }
    return writer_->row(fields_);
  }

  Status finish(std::string_view /*next_token*/) override { return writer_->finish(); }

 private:
  void add(std::string_view text) { fields_.push_back({.text = std::string(text)}); }

  void add(std::string_view text, size_t Widths::*width) {
    if (!widths_) return add(text);
    add(render::cut_to_width(render::shown(text), (*widths_).*width));
  }

  bool narrow_;
  render::TimeZone zone_;
  std::optional<Widths> widths_;  ///< on a terminal
  std::vector<render::Field> fields_;
  std::unique_ptr<render::RowWriter> writer_;
};

Result<history::LookupRequest> make_request(const LookupArguments& arguments) {
  history::LookupRequest request{.accounts = arguments.accounts,
                                 .regions = arguments.regions,
                                 .next_token = arguments.next_token};
  for (const auto& text : arguments.attributes) {
    auto attribute = CAIRN_TRY(history::parse_attribute(text));
    request.attributes.push_back(std::move(attribute));
  }
  if (!arguments.category.empty())
    request.category = CAIRN_TRY(history::parse_category(arguments.category));
  const int64_t now = io::SystemClock().now_us();
  if (!arguments.start.empty())
    request.start_us = CAIRN_TRY(parse_time_argument("--start", arguments.start, now));
  if (!arguments.end.empty())
    request.end_us = CAIRN_TRY(parse_time_argument("--end", arguments.end, now));
  if (arguments.max_results < 0 || arguments.max_results > int64_t{history::kPageMax})
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--max-results: a page has 1 to {} events, not {}\nhint: --max-items "
                             "takes any number, --all shows all events",
                             history::kPageMax, arguments.max_results),
                 "InvalidMaxResultsException"};
  if (arguments.max_results > 0) request.events_max = static_cast<uint64_t>(arguments.max_results);
  if (arguments.max_items > 0) request.events_max = static_cast<uint64_t>(arguments.max_items);
  if (arguments.all) request.events_max.reset();
  if (arguments.aws) return history::as_aws(std::move(request));
  return request;
}

/// AWS's code behind the sentence, for those who know it.
Error with_code(Error error) {
  if (error.aws_code().empty()) return error;
  std::string message = error.message();
  message.insert(std::min(message.find('\n'), message.size()),
                 fmt::format(" ({})", error.aws_code()));
  return {error.kind(), std::move(message), error.aws_code()};
}

std::unique_ptr<EventWriter> make_writer(const LookupArguments& arguments, render::TimeZone zone,
                                         render::ByteSink& sink) {
  if (arguments.format == "json" || arguments.format == "jsonl")
    return std::make_unique<AwsJsonWriter>(arguments.format == "jsonl", sink);
  const auto format = render::find_format(arguments.format);
  return std::make_unique<RowsWriter>(arguments, format.value_or(render::Format::table), zone,
                                      sink);
}

/// What a person may want to know about the answer; programs find it in the JSON.
void print_notes(const LookupArguments& arguments, const history::LookupRequest& request,
                 const history::LookupEnd& end) {
  if (arguments.format == "json") return;
  if (!end.next_token.empty())
    print_error(
        fmt::format("{} event{} shown, there are more\n"
                    "hint: --all shows all of them, --max-items N more; go on behind these with "
                    "--next-token {}\n",
                    with_thousands(end.events), end.events == 1 ? "" : "s", end.next_token));
  if (end.events > 0 || !request.next_token.empty()) return;
  print_error("no events fit\n");
  for (const auto& attribute : request.attributes)
    if (attribute.key == history::AttributeKey::event_source &&
        attribute.value.find('.') == std::string::npos)
      print_error(
          fmt::format("hint: event sources are host names: try EventSource={}.amazonaws.com\n",
                      printable(to_lower(attribute.value))));
}

/// Looks up and writes to `sink`, all but what the sink holds back.
Result<history::LookupEnd> write_events(query::Session& session, const LookupArguments& arguments,
                                        const history::LookupRequest& request,
                                        render::TimeZone zone, DescriptorSink& sink) {
  const auto writer = make_writer(arguments, zone, sink);
  RunWatch watch(session, OnStop::leave);
  Status written;
  bool first = true;
  auto end = CAIRN_TRY(history::lookup(session, request, [&](history::Event&& event) {
    if (std::exchange(first, false) && arguments.output.empty()) watch.hide();
    written = writer->event(event);
    return written.ok();
  }));
  CAIRN_TRY(std::move(written));
  CAIRN_TRY(writer->finish(end.next_token));
  CAIRN_TRY(sink.flush());
  return end;
}

Result<int> run_lookup(const LookupArguments& arguments) {
  const auto request = CAIRN_TRY(make_request(arguments));
  const auto zone = CAIRN_TRY(render::TimeZone::find(arguments.timezone));
  auto session = CAIRN_TRY(open_session(arguments.source));
  if (arguments.output.empty()) {
    DescriptorSink sink(STDOUT_FILENO, "standard output");
    const auto end = write_events(session, arguments, request, zone, sink);
    if (!end.ok() && sink.reader_gone()) return exit_done;
    CAIRN_TRY(end);
    print_notes(arguments, request, end.value());
  } else {
    auto file = CAIRN_TRY(OutputFile::create(arguments.output));
    DescriptorSink sink(file.descriptor(), "'" + arguments.output + "'");
    const auto end = CAIRN_TRY(write_events(session, arguments, request, zone, sink));
    if (interrupted()) return Error(ErrorKind::unavailable, "interrupted");
    CAIRN_TRY(file.commit());
    print_notes(arguments, request, end);
  }
  return finish_run(arguments.source, session.coverage());
}

void add_filter_options(CLI::App& command, LookupArguments& arguments) {
  const std::string group = "Events";
  command
      .add_option(
          "--attribute,--lookup-attributes", arguments.attributes,
          "Events with this attribute: EventId, EventName, ReadOnly, Username, ResourceType, "
          "ResourceName, EventSource or AccessKeyId; several must all hold, of one key any. "
          "Also in the AWS CLI's form AttributeKey=EventName,AttributeValue=X")
      ->type_name("KEY=VALUE...")
      ->group(group);
  command
      .add_option("--start,--start-time", arguments.start,
                  "Earliest event time: ISO 8601, or a span before now such as 24h")
      ->type_name("TIME")
      ->group(group);
  command.add_option("--end,--end-time", arguments.end, "Latest event time, inclusive")
      ->type_name("TIME")
      ->group(group);
  command
      .add_option("--event-category", arguments.category,
                  "management, data, network-activity, insight or all (the default)")
      ->type_name("CATEGORY")
      ->group(group);
  command.add_option("--account", arguments.accounts, "Only events of these accounts")
      ->type_name("ID...")
      ->group(group);
  command.add_option("--region", arguments.regions, "Only events of these regions")
      ->type_name("REGION...")
      ->group(group);
  command
      .add_flag("--aws", arguments.aws,
                "Answer as AWS would: management events only (or Insights), one attribute, 50 "
                "events at most, resources of changes only")
      ->group(group);
}

void add_page_options(CLI::App& command, LookupArguments& arguments) {
  const std::string group = "Output";
  auto* const results =
      command.add_option("--max-results", arguments.max_results, "Events of a page, 1 to 50 (50)")
          ->type_name("N")
          ->group(group)
          ->check([](const std::string& text) {
            return text == "0" ? std::string("a page has 1 to 50 events, not 0") : std::string();
          });
  auto* const items = command.add_option("--max-items", arguments.max_items, "Show so many events")
                          ->type_name("N")
                          ->group(group)
                          ->check(CLI::PositiveNumber)
                          ->excludes(results);
  command.add_flag("--all", arguments.all, "Show all events")
      ->group(group)
      ->excludes(results)
      ->excludes(items);
  command.add_option("--next-token", arguments.next_token, "Go on where an earlier lookup ended")
      ->type_name("TOKEN")
      ->group(group);
  command
      .add_option(
          "--format", arguments.format,
          "table, json (what `aws cloudtrail lookup-events` prints), jsonl (its events, one "
          "per line), csv, markdown or vertical")
      ->check(one_of({"table", "json", "jsonl", "csv", "markdown", "vertical"}))
      ->type_name("FORMAT")
      ->group(group);
  command
      .add_option("--output", arguments.output,
                  "Write to FILE, which appears whole or not at all; replaces an existing one")
      ->type_name("FILE")
      ->group(group);
  command.add_flag("--wide", arguments.wide, "Table with all columns, cut to no width")
      ->group(group);
  command
      .add_flag("--safe-csv", arguments.safe_csv,
                "CSV: put a ' before texts that a spreadsheet would compute")
      ->group(group);
  command.add_option("--timezone", arguments.timezone, "Zone of the times shown (default UTC)")
      ->type_name("ZONE")
      ->group(group);
}

}  // namespace

void add_lookup(CLI::App& app, Invocation& invocation) {
  CLI::App* const command =
      app.add_subcommand("lookup", "Look up events by attribute, as LookupEvents does");
  const auto arguments = std::make_shared<LookupArguments>();
  add_filter_options(*command, *arguments);
  add_page_options(*command, *arguments);
  add_source_options(*command, arguments->source);
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      auto exit_code = run_lookup(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(with_code(std::move(exit_code).error()));
    };
  });
}

}  // namespace cairn::cli
