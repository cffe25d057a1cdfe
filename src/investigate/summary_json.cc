#include "investigate/summary_json.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::investigate {
namespace {

/// Writes JSON as it goes.
class Writer {
 public:
  enum class Layout : uint8_t { lines, one_line };

  void open(char bracket, Layout layout = Layout::lines) {
    out_ += bracket;
    first_ = true;
    layouts_.push_back(layout);
  }

  void close(char bracket) {
    const Layout layout = layouts_.back();
    layouts_.pop_back();
    if (!first_ && layout == Layout::lines) new_line();
    out_ += bracket;
    first_ = false;
  }

  void item() {
    const bool lines = layouts_.back() == Layout::lines;
    if (!first_) out_ += lines ? "," : ", ";
    first_ = false;
    if (lines) new_line();
  }

  void key(std::string_view name) {
    item();
    append_json_string(out_, name);
    out_ += ": ";
  }

  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(out_, repair_utf8(value));
  }

  /// null for what the events do not say.
  void name(std::string_view key_name, std::string_view value) {
    if (!value.empty()) return text(key_name, value);
    key(key_name);
    out_ += "null";
  }

  void number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
  }

  void time(std::string_view name, const std::optional<int64_t>& micros) {
    if (micros) return text(name, format_iso8601(*micros));
    key(name);
    out_ += "null";
  }

  void flag(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }

  std::string take() { return std::move(out_); }

 private:
  void new_line() {
    out_ += '\n';
    out_.append(layouts_.size() * 2, ' ');
  }

  std::string out_;
  std::vector<Layout> layouts_;  ///< of the brackets that are open
  bool first_ = true;
};

void write_tally(Writer& json, const Tally& tally) {
  json.number("events", tally.events);
  json.number("errors", tally.errors);
  json.number("reads", tally.reads);
  json.number("writes", tally.writes);
  json.time("first", tally.first_us);
  json.time("last", tally.last_us);
}

void write_top(Writer& json, std::string_view name, std::string_view detail, const TopList& list) {
  json.key(name);
  json.open('{');
  json.number("distinct", list.distinct);
  json.key("top");
  json.open('[');
  for (const Entry& entry : list.entries) {
    json.item();
    json.open('{', Writer::Layout::one_line);
    json.name("name", entry.name);
    if (!detail.empty()) json.name(detail, entry.detail);
    write_tally(json, entry.tally);
    if (entry.sessions > 0) json.number("sessions", entry.sessions);
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

void write_places(Writer& json, const Summary& summary) {
  json.key("accountsAndRegions");
  json.open('[');
  for (const AccountRegion& place : summary.places) {
    json.item();
    json.open('{', Writer::Layout::one_line);
    json.name("account", place.account);
    json.name("region", place.region);
    write_tally(json, place.tally);
    json.close('}');
  }
  json.close(']');
}

void write_identities(Writer& json, const Identities& who) {
  json.key("identities");
  json.open('{');
  json.number("root", who.root);
  json.number("iamUserAccessKey", who.iam_user_key);
  json.number("iamUserTemporary", who.iam_user_session);
  json.number("iamUserNoKey", who.iam_user_other);
  json.number("assumedRole", who.assumed_role);
  json.number("federated", who.federated);
  json.number("awsService", who.aws_service);
  json.number("otherAccount", who.other_account);
  json.number("other", who.other);
  json.number("none", who.none);
  json.number("onBehalfOfCaller", who.on_behalf);
  json.close('}');
}

void write_activity(Writer& json, const Summary& summary) {
  json.key("activity");
  json.open('[');
  for (const Minute& minute : summary.minutes) {
    json.item();
    json.open('{', Writer::Layout::one_line);
    json.text("minute", format_iso8601(minute.start_us));
    json.number("events", minute.events);
    json.number("errors", minute.errors);
    json.close('}');
  }
  json.close(']');
}

void write_gaps(Writer& json, const GapReport& report) {
  json.key("gaps");
  json.open('{');
  json.text("basis", report.basis == GapBasis::delivery_times ? "deliveryTimes" : "eventTimes");
  json.number("judged", report.judged);
  json.number("notJudged", report.not_judged);
  json.key("found");
  json.open('[');
  for (const Gap& gap : report.gaps) {
    json.item();
    json.open('{', Writer::Layout::one_line);
    json.name("account", gap.account);
    json.name("region", gap.region);
    json.text("from", format_iso8601(gap.from_us));
    json.text("until", format_iso8601(gap.until_us));
    json.number("usualSeconds", static_cast<uint64_t>(gap.usual_us / kMicrosPerSecond));
    json.flag("open", gap.open);
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

void write_notables(Writer& json, const Summary& summary) {
  json.key("notable");
  json.open('[');
  for (const Notable& notable : summary.notables) {
    json.item();
    json.open('{', Writer::Layout::one_line);
    json.text("code", notable.code);
    json.text("text", notable.text);
    write_tally(json, notable.tally);
    json.text("where", notable.where);
    json.close('}');
  }
  json.close(']');
}

}  // namespace

std::string summary_json(const Summary& summary) {
  Writer json;
  json.open('{');
  write_tally(json, summary.total);
  json.number("files", summary.files);
  json.number("repeatedEvents", summary.repeated);
  json.number("repeatedEventIds", summary.repeated_ids);
  write_places(json, summary);
  write_top(json, "accounts", "", summary.accounts);
  write_top(json, "regions", "", summary.regions);
  write_top(json, "categories", "", summary.categories);
  write_top(json, "services", "", summary.services);
  write_top(json, "calls", "service", summary.calls);
  write_top(json, "identityTypes", "", summary.identity_types);
  write_identities(json, summary.identities);
  write_top(json, "callers", "", summary.callers);
  write_top(json, "addresses", "", summary.addresses);
  write_top(json, "userAgents", "", summary.agents);
  write_top(json, "errorCodes", "", summary.errors);
  write_activity(json, summary);
  write_gaps(json, summary.gaps);
  write_notables(json, summary);
  json.close('}');
  return json.take() + "\n";
}

}  // namespace cairn::investigate
