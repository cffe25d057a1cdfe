#include "diagnose/tally.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <tuple>

namespace cairn::diagnose {
namespace {

constexpr char kSeparator = '\x1F';
constexpr size_t kMessageMax = 4'000;
constexpr size_t kShapeMax = 300;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool belongs_to_id(char c) {
  return is_word(c) || c == '-' || c == '_' || c == ':' || c == '/' || c == '.' || c == '+' ||
         c == '=' || c == '%' || c == '*' || c == '@';
}

/// A token that names one thing among many: it has a digit, or it is an ARN or a path.
bool is_id(std::string_view token) {
  return token.starts_with("arn:") ||
         std::any_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string join_key(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const auto part : parts) {
    key += part;
    key += kSeparator;
  }
  return key;
}

/// What a denied call was denied on: the message knows best, then the record.
std::string denied_resource(const Event& event, const DenialMessage& denial) {
  if (!denial.resource.empty()) return std::string(denial.resource);
  return std::string(event.resource);
}

}  // namespace

std::string call_label(std::string_view source, std::string_view name) {
  constexpr std::string_view kDomain = ".amazonaws.com";
  if (source.ends_with(kDomain)) source.remove_suffix(kDomain.size());
  return fmt::format("{}:{}", source, name);
}

std::string message_shape(std::string_view message) {
  constexpr std::string_view kEncoded = "Encoded authorization failure message:";
  message = message.substr(0, message.find(kEncoded));
  std::string shape;
  for (size_t i = 0; i < message.size() && shape.size() < kShapeMax;) {
    if (!is_word(message[i])) {
      shape += message[i++];
      continue;
    }
    size_t end = i;
    while (end < message.size() && belongs_to_id(message[end])) ++end;
    std::string_view token = message.substr(i, end - i);
    i = end;
    if (is_id(token)) {
      if (token.ends_with('.')) token = ".";
      shape += token == "." ? "#." : "#";
    } else {
      shape += token;
    }
  }
  return shape;
}

Tally::Tally(TimeSeries series, Options options) : options_(options), series_(std::move(series)) {}

uint64_t Tally::failures() const {
  uint64_t sum = 0;
  for (const auto error_class : kErrorClasses)
    if (is_failure(error_class)) sum += of(error_class);
  return sum;
}

void Tally::add(const Event& event, ErrorClass error_class) {
  const std::string call =
      options_.with_service ? call_label(event.source, event.name) : std::string(event.name);
  events_ += event.weight;
  by_class_[static_cast<size_t>(error_class)] += event.weight;
  calls_.add(call, event.weight);
  callers_.add(event.caller, event.weight);
  if (error_class == ErrorClass::dry_run) dry_runs_by_caller_.add(event.caller, event.weight);
  series_.add(event.time_us, error_class, event.weight);
  if (is_failure(error_class)) add_failure(event, error_class, call);
}

void Tally::add_failure(const Event& event, ErrorClass error_class, const std::string& call) {
  if (error_class == ErrorClass::throttle) throttles_by_call_.add(call, event.weight);
  failures_by_call_.add(call, event.weight);
  failures_by_caller_.add(event.caller, event.weight);
  failures_by_code_.add(event.code, event.weight);
  if (!event.agent.empty()) failures_by_agent_.add(event.agent, event.weight);
  if (!event.access_key.empty()) failures_by_key_.add(event.access_key, event.weight);
  keep_if_recent(event, call);
  add_to_stream(event, error_class, call);
  FailureGroup* group = group_of(event, error_class, call);
  if (group == nullptr) {
    ungrouped_ += event.weight;
    return;
  }
  if (group->events == 0 || event.time_us >= group->last_us) {
    group->last_us = event.time_us;
    group->message = event.message.substr(0, kMessageMax);
    group->user = event.user;
    group->agent = event.agent;
    group->region = event.region;
    group->account = event.account;
  }
  if (group->events == 0 || event.time_us < group->first_us) group->first_us = event.time_us;
  group->events += event.weight;
  if (group->event_ids.size() < FailureGroup::kEventIdsMax && !event.event_id.empty())
    group->event_ids.emplace_back(event.event_id);
  const auto& known = group->resources;
  if (event.resource.empty() ||
      std::find(known.begin(), known.end(), event.resource) != known.end())
    return;
  if (known.size() < FailureGroup::kResourcesMax)
    group->resources.emplace_back(event.resource);
  else
    group->more_resources = true;
}

FailureGroup* Tally::group_of(const Event& event, ErrorClass error_class, const std::string& call) {
  DenialMessage denial;
  if (error_class == ErrorClass::permission) denial = parse_denial(event.code, event.message);
  std::string action(denial.action);
  if (action.empty() && error_class == ErrorClass::permission)
    action = iam_action(event.source, event.name);
  const std::string resource = denied_resource(event, denial);
  const std::string key = options_.grouping == Grouping::by_resource
                              ? join_key({event.caller, event.source, event.name, action, resource,
                                          key_of(denial.reason)})
                              : join_key({event.source, event.name, event.code, event.caller,
                                          message_shape(event.message)});
  if (const auto found = group_index_.find(key); found != group_index_.end())
    return &groups_[found->second];
  if (groups_.size() >= kGroupsMax) return nullptr;
  group_index_.emplace(key, groups_.size());
  FailureGroup& group = groups_.emplace_back();
  group.source = event.source;
  group.name = event.name;
  group.call = call;
  group.code = event.code;
  group.caller = event.caller;
  group.error_class = error_class;
  group.action = std::move(action);
  group.resource = resource;
  group.encoded = denial.encoded;
  group.reason = denial.reason;
  return &group;
}

void Tally::add_to_stream(const Event& event, ErrorClass error_class, const std::string& call) {
  const std::string_view client = client_of(event);
  const std::string key = join_key({client, event.region, call, key_of(error_class)});
  auto found = stream_index_.find(key);
  if ((found == stream_index_.end() && streams_.size() >= kStreamsMax) || times_ >= kTimesMax) {
    untimed_ += event.weight;
    return;
  }
  if (found == stream_index_.end()) {
    found = stream_index_.emplace(key, streams_.size()).first;
    streams_.push_back({.client = std::string(client),
                        .caller = std::string(event.caller),
                        .call = call,
                        .name = std::string(event.name),
                        .error_class = error_class,
                        .times_us = {}});
  }
  streams_[found->second].times_us.push_back(event.time_us);
  ++times_;
}

void Tally::keep_if_recent(const Event& event, const std::string& call) {
  if (latest_.size() == kLatest && event.time_us <= latest_.back().time_us) return;
  const auto place = std::find_if(latest_.begin(), latest_.end(), [&](const Sample& sample) {
    return sample.time_us < event.time_us;
  });
  latest_.insert(place, {.time_us = event.time_us,
                         .call = call,
                         .user = std::string(client_of(event)),
                         .code = std::string(event.code),
                         .message = std::string(event.message.substr(0, kMessageMax)),
                         .event_id = std::string(event.event_id)});
  if (latest_.size() > kLatest) latest_.pop_back();
}

void Tally::finish() {
  for (auto& stream : streams_) std::sort(stream.times_us.begin(), stream.times_us.end());
  group_index_.clear();
  stream_index_.clear();
  std::sort(groups_.begin(), groups_.end(), [](const FailureGroup& a, const FailureGroup& b) {
    if (a.events != b.events) return a.events > b.events;
    return std::tie(a.call, a.caller, a.code, a.message, a.resource) <
           std::tie(b.call, b.caller, b.code, b.message, b.resource);
  });
  std::sort(streams_.begin(), streams_.end(), [](const FailureStream& a, const FailureStream& b) {
    if (a.times_us.size() != b.times_us.size()) return a.times_us.size() > b.times_us.size();
    return std::tie(a.call, a.client, a.times_us) < std::tie(b.call, b.client, b.times_us);
  });
}

std::vector<std::string> Tally::limits_hit() const {
  std::vector<std::string> out;
  if (ungrouped_ > 0)
    out.push_back(
        fmt::format("{} failures are counted but not in the findings: there are more "
                    "than {} kinds of failure; narrow it with --region or --start/--end",
                    with_thousands(ungrouped_), with_thousands(kGroupsMax)));
  if (untimed_ > 0)
    out.push_back(fmt::format(
        "{} failures are counted but not looked at for storms and back-off: more than "
        "{} clients or {} failures; narrow it with --region or --start/--end",
        with_thousands(untimed_), with_thousands(kStreamsMax), with_thousands(kTimesMax)));
  for (const auto* table : {&calls_, &callers_, &failures_by_agent_, &failures_by_key_})
    if (table->others() > 0) {
      out.push_back(
          fmt::format("a table has more than {} names; the counts of the others are "
                      "missing from it",
                      with_thousands(CountTable::kNamesMax)));
      break;
    }
  return out;
}

}  // namespace cairn::diagnose
