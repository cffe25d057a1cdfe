// cairn summary: the first look at unknown logs.
#include "investigate/summary.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/output_file.h"
#include "cli/run_watch.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "diagnose/template.h"
#include "investigate/plot.h"
#include "investigate/summary_json.h"
#include "render/display.h"
#include "render/time_zone.h"
#include "render/value_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::cli {
namespace {

constexpr size_t kColumnsMin = 60;
constexpr size_t kColumnsMax = 120;
constexpr size_t kPlacesMax = 20;
constexpr size_t kTopMax = 10'000;

struct SummaryArguments {
  SourceArguments source;
  size_t top = 10;
  bool json = false;
};

std::string percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part > 0 && share < 0.05) return "<0.1 %";
  return fmt::format("{:.1f} %", share);
}

/// `55m 32s`, `3d 4h`: the two largest parts.
std::string span_text(int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  const int64_t days = seconds / 86'400;
  const int64_t hours = seconds / 3'600 % 24;
  const int64_t minutes = seconds / 60 % 60;
  if (days > 0) return hours > 0 ? fmt::format("{}d {}h", days, hours) : fmt::format("{}d", days);
  if (hours > 0)
    return minutes > 0 ? fmt::format("{}h {}m", hours, minutes) : fmt::format("{}h", hours);
  if (minutes > 0 && seconds % 60 > 0) return fmt::format("{}m {}s", minutes, seconds % 60);
  return minutes > 0 ? fmt::format("{}m", minutes) : fmt::format("{}s", seconds);
}

/// `1 file`, `1,234 files`
std::string number_of(uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", with_thousands(count), what, count == 1 ? "" : "s");
}

std::string time_text(int64_t micros) {
  return render::timestamp_text(micros / kMicrosPerSecond * kMicrosPerSecond, {}, 0);
}

/// The text of a summary, for `columns` columns.
class Report {
 public:
  Report(const investigate::Summary& summary, const SummaryArguments& arguments, size_t columns)
      : summary_(summary), arguments_(arguments), columns_(columns) {}

  std::string write() {
    overview();
    if (summary_.total.events == 0) return std::move(out_);
    activity();
    places();
    identities();
    top("Services", summary_.services);
    top("Calls", summary_.calls);
    callers();
    top("Source addresses", summary_.addresses);
    top("User agents", summary_.agents);
    errors();
    gaps();
    notables();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) {
    out_ += text;
    out_ += '\n';
  }

  void title(std::string_view name, std::string_view note = "") {
    line("");
    std::string text = bold(STDOUT_FILENO, name);
    if (!note.empty()) text += "  " + dim(STDOUT_FILENO, note);
    line(text);
  }

  void fact(std::string_view name, std::string_view text) {
    line(fmt::format("{}{}{}", bold(STDOUT_FILENO, name),
                     std::string(name.size() < 12 ? 12 - name.size() : 1, ' '), text));
  }

  uint64_t total() const { return summary_.total.events; }

  void overview() {
    const auto& all = summary_.total;
    fact("Events",
         fmt::format("{} in {}", with_thousands(all.events), number_of(summary_.files, "file")));
    if (all.events == 0) return;
    if (all.first_us && all.last_us)
      fact("Period", fmt::format("{} to {} UTC ({})", time_text(*all.first_us),
                                 time_text(*all.last_us), span_text(*all.last_us - *all.first_us)));
    std::string kinds;
    for (const auto& entry : summary_.categories.entries)
      kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ",
                           render::shown(entry.name.empty() ? "no category" : entry.name),
                           with_thousands(entry.tally.events));
    fact("Kinds", kinds);
    const uint64_t unknown = all.events - all.reads - all.writes;
    std::string access = fmt::format("{} reads ({}), {} writes ({})", with_thousands(all.reads),
                                     percent(all.reads, all.events), with_thousands(all.writes),
                                     percent(all.writes, all.events));
    if (unknown > 0) access += fmt::format(", {} do not say", with_thousands(unknown));
    fact("Access", access);
    fact("Errors",
         fmt::format("{} ({})", with_thousands(all.errors), percent(all.errors, all.events)));
    if (summary_.repeated > 0)
      fact("Repeated",
           fmt::format("{} events repeat the eventID of another one ({} ids)",
                       with_thousands(summary_.repeated), with_thousands(summary_.repeated_ids)));
  }

  void activity() {
    const auto lines = investigate::plot(summary_.minutes, {.columns = columns_});
    if (lines.empty()) return;
    const auto bars = investigate::make_bars(summary_.minutes, columns_ - 6);
    std::string step = investigate::step_text(bars.step_us);
    if (step.starts_with("1 ")) step.erase(0, 2);
    title("Activity", fmt::format("events per {}, UTC", step));
    for (const auto& text : lines) line(text);
  }

  /// `  name   1,234  12.3 %  56 failed`
  void row(std::string_view name, const investigate::Tally& tally, std::string_view extra = "") {
    const std::string failed =
        tally.errors > 0 ? with_thousands(tally.errors) + " failed" : std::string();
    const std::string numbers = fmt::format(
        "{:>{}} {:>8}  {:>{}}", with_thousands(tally.events), with_thousands(total()).size() + 2,
        percent(tally.events, total()), failed,
        summary_.total.errors > 0 ? with_thousands(summary_.total.errors).size() + 7 : 0);
    const size_t width = columns_ - 2 - numbers.size();
    const size_t name_width = extra.empty() ? width : width - std::min(width / 2, extra.size() + 1);
    std::string shown = cut_middle(render::shown(name), name_width);
    if (!extra.empty()) shown += fmt::format(" {}", extra);
    shown = render::cut_to_width(shown, width);
    std::string text = "  " + shown +
                       std::string(width - std::min(width, render::display_width(shown)), ' ') +
                       numbers;
    text.erase(text.find_last_not_of(' ') + 1);
    line(text);
  }

  /// ARNs and user agents differ at their ends: cuts what is between.
  static std::string cut_middle(const std::string& text, size_t width) {
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!ascii || width < 10 || text.size() <= width) return render::cut_to_width(text, width);
    const size_t tail = width / 2;
    return text.substr(0, width - tail - 1) + "…" + text.substr(text.size() - tail);
  }

  static std::string counted(const investigate::TopList& list) {
    if (list.entries.size() >= list.distinct) return with_thousands(list.distinct);
    return fmt::format("{}, the top {}", with_thousands(list.distinct), list.entries.size());
  }

  void top(std::string_view name, const investigate::TopList& list) {
    if (list.entries.empty()) return;
    title(name, counted(list));
    for (const auto& entry : list.entries) {
      std::string extra;
      if (!entry.detail.empty()) extra = "(" + service(entry.detail) + ")";
      if (entry.sessions > 0) extra = fmt::format("({})", number_of(entry.sessions, "session"));
      row(entry.name.empty() ? "(not said)" : entry.name, entry.tally, extra);
    }
  }

  /// Callers by the end of their ARN; by whole ARN where several accounts are mixed.
  void callers() {
    investigate::TopList list = summary_.callers;
    for (auto& entry : list.entries) {
      std::string& name = entry.name;
      if (is_account_id(name)) name.insert(0, "account ");
      if (!name.starts_with("arn:") || summary_.accounts.distinct > 1) continue;
      size_t begin = 0;
      for (int colons = 0; colons < 5 && begin < name.size(); ++begin)
        if (name[begin] == ':') ++colons;
      if (begin < name.size()) name.erase(0, begin);
    }
    top("Callers", list);
  }

  static std::string service(std::string_view source) {
    constexpr std::string_view kSuffix = ".amazonaws.com";
    if (source.ends_with(kSuffix)) source.remove_suffix(kSuffix.size());
    return render::shown(source);
  }

  void errors() {
    if (summary_.errors.entries.empty()) return;
    title("Errors", counted(summary_.errors));
    for (const auto& entry : summary_.errors.entries) {
      investigate::Tally tally = entry.tally;
      tally.errors = 0;  // all of them
      row(entry.name, tally);
    }
  }

  void places() {
    title("Accounts and regions",
          fmt::format("{}, {}", number_of(summary_.accounts.distinct, "account"),
                      number_of(summary_.regions.distinct, "region")));
    auto places = summary_.places;
    std::stable_sort(places.begin(), places.end(),
                     [](const auto& a, const auto& b) { return a.tally.events > b.tally.events; });
    const size_t shown = std::min({places.size(), std::max(arguments_.top, size_t{1}), kPlacesMax});
    for (size_t i = 0; i < shown; ++i)
      row(fmt::format("{} {}", places[i].account.empty() ? "(no account)" : places[i].account,
                      places[i].region.empty() ? "(no region)" : places[i].region),
          places[i].tally);
    if (shown < places.size()) line(fmt::format("  … and {} more", places.size() - shown));
  }

  void identity(std::string_view name, uint64_t events) {
    if (events > 0) row(name, {.events = events});
  }

  void identities() {
    const auto& who = summary_.identities;
    title("Identities");
    row("With root or IAM user credentials",
        {.events = who.root + who.iam_user_key + who.iam_user_session + who.iam_user_other});
    identity("  root", who.root);
    identity("  IAM user, access key", who.iam_user_key);
    identity("  IAM user, temporary credentials", who.iam_user_session);
    identity("  IAM user, no key in the event", who.iam_user_other);
    row("With temporary credentials", {.events = who.assumed_role + who.federated});
    identity("  assumed role", who.assumed_role);
    identity("  federated user", who.federated);
    row("By another AWS service", {.events = who.aws_service});
    identity("By another account", who.other_account);
    identity("Of another kind", who.other);
    identity("Without an identity", who.none);
    if (who.on_behalf > 0)
      line(fmt::format("  {} of these were made by an AWS service on the caller's behalf",
                       with_thousands(who.on_behalf)));
  }

  void gaps() {
    const auto& report = summary_.gaps;
    const bool delivered = report.basis == investigate::GapBasis::delivery_times;
    title("Gaps", delivered ? "judged by the delivery times in the names of the log files"
                            : "judged by event times");
    if (report.judged == 0) {
      line(delivered ? "  too few log files to judge" : "  too few events to judge");
      return;
    }
    if (report.gaps.empty())
      line(fmt::format("  none in {} of {} accounts and regions; the others have too few events",
                       with_thousands(report.judged),
                       with_thousands(report.judged + report.not_judged)));
    const size_t shown = std::min(report.gaps.size(), std::max(arguments_.top, size_t{1}));
    for (size_t i = 0; i < shown; ++i) {
      const auto& gap = report.gaps[i];
      line(render::shown(fmt::format(
          "  {} {}  {} to {}  {}, usually {}{}", gap.account, gap.region, time_text(gap.from_us),
          gap.open ? "the end" : time_text(gap.until_us), span_text(gap.until_us - gap.from_us),
          span_text(gap.usual_us), gap.open ? ", nothing since" : "")));
    }
    if (shown < report.gaps.size())
      line(fmt::format("  … and {} more", report.gaps.size() - shown));
  }

  std::string from() const {
    std::string text;
    for (const auto& path : arguments_.source.from)
      text += fmt::format(" --from {}", diagnose::shell_quote(path));
    return text.empty() ? " --from …" : text;
  }

  void notables() {
    if (summary_.notables.empty()) return;
    title("Worth a look");
    for (const auto& notable : summary_.notables) {
      const std::string first = time_text(notable.tally.first_us.value_or(0));
      const std::string last = time_text(notable.tally.last_us.value_or(0));
      line(fmt::format("  {}  {} ({})", red(STDOUT_FILENO, with_thousands(notable.tally.events)),
                       notable.text, first == last ? first : first + " to " + last));
      const std::string command = notable.lookup.empty()
                                      ? fmt::format(
                                            "cairn sql{} \"SELECT eventTime, eventName, "
                                            "userIdentity.arn FROM cloudtrail WHERE {}\"",
                                            from(), notable.where)
                                      : fmt::format("cairn lookup{} {}", from(), notable.lookup);
      line("     " + dim(STDOUT_FILENO, render::shown(command)));
    }
  }

  const investigate::Summary& summary_;
  const SummaryArguments& arguments_;
  size_t columns_;
  std::string out_;
};

Result<int> run_summary(const SummaryArguments& arguments) {
  auto session = CAIRN_TRY(open_session(arguments.source));
  investigate::Summary summary;
  {
    const RunWatch watch(session, OnStop::leave);
    summary = CAIRN_TRY(investigate::summarize(session, {.top = arguments.top}));
  }
  const size_t columns = std::clamp(terminal_columns(STDOUT_FILENO), kColumnsMin, kColumnsMax);
  const std::string text = arguments.json ? investigate::summary_json(summary)
                                          : Report(summary, arguments, columns).write();
  DescriptorSink output(STDOUT_FILENO, "standard output");
  Status written = output.write(text);
  if (written.ok()) written = output.flush();
  if (!written.ok()) {
    if (output.reader_gone()) return exit_done;
    return std::move(written).error();
  }
  return finish_run(arguments.source, session.coverage());
}

}  // namespace

void add_summary(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand("summary", "The first look at unknown logs");
  const auto arguments = std::make_shared<SummaryArguments>();
  command->add_option("--top", arguments->top, "Entries of each list (10)")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, kTopMax));
  command->add_flag("--json", arguments->json, "One JSON object, for programs");
  add_source_options(*command, arguments->source);
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] {
      const auto exit_code = run_summary(*arguments);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
}

}  // namespace cairn::cli
