#include "api/cloudtrail/lookup_events.h"

#include "api/cloudtrail/pages.h"
#include "api/cloudtrail/wire.h"
#include "base/time.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace cairn::api {
namespace {

constexpr int64_t kHistoryUs = 90 * kMicrosPerDay;
constexpr int kTurnsPerSecond = 2;
constexpr size_t kTurnsKept = 10'000;
constexpr int64_t kSliceMillis = 50;

Error nobody_waits() {
  return Error{ErrorKind::unavailable, "The client has closed its connection.",
               "ServiceUnavailable"};
}

Json event_json(const history::Event& event) {
  Json out = Json::object();
  put_text(out, "EventId", event.event_id);
  put_text(out, "EventName", event.event_name);
  if (event.read_only) out["ReadOnly"] = *event.read_only ? "true" : "false";
  put_text(out, "AccessKeyId", event.access_key_id);
  if (event.time_us) out["EventTime"] = epoch_seconds(*event.time_us);
  put_text(out, "EventSource", event.event_source);
  put_text(out, "Username", event.username);
  out["Resources"] = Json::array();
  for (const auto& resource : event.resources) {
    Json one = Json::object();
    put_text(one, "ResourceType", resource.type);
    put_text(one, "ResourceName", resource.name);
    out["Resources"].push_back(std::move(one));
  }
  out["CloudTrailEvent"] = event.record;
  return out;
}

Error refused(std::string message, std::string_view code) {
  return Error{ErrorKind::invalid_argument, std::move(message), code};
}

/// Stops what the session does when it takes too long, or nobody waits for it.
class Deadline {
 public:
  Deadline(query::Session& session, int64_t millis, const std::function<bool()>& gone)
      : thread_([this, &session, millis, &gone] {
          std::unique_lock lock(mutex_);
          const auto done = [this] { return done_; };
          // Again and again: between two statements, and while one is planned, it is forgotten.
          for (int64_t waited = 0;; waited += kSliceMillis) {
            if (waited >= millis || gone()) session.interrupt();
            if (ended_.wait_for(lock, std::chrono::milliseconds(kSliceMillis), done)) return;
          }
        }) {}

  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    ended_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::thread thread_;
};

Status read_attributes(const Json& input, history::LookupRequest& request) {
  const auto attributes = input.find("LookupAttributes");
  if (attributes == input.end()) return {};
  for (const auto& attribute : *attributes) {
    auto made = CAIRN_TRY(history::make_attribute(text_of(attribute, "AttributeKey"),
                                                  text_of(attribute, "AttributeValue")));
    if (made.key == history::AttributeKey::read_only && made.value != "true" &&
        made.value != "false")
      return refused("The value of ReadOnly is true or false.", "InvalidLookupAttributesException");
    request.attributes.push_back(std::move(made));
  }
  return {};
}

/// The members of an extension are checked here: AWS's shape does not know them.
Result<std::vector<std::string>> read_texts(const Json& input, const char* member) {
  std::vector<std::string> texts;
  const auto list = input.find(member);
  if (list == input.end() || list->is_null()) return texts;
  const auto wrong = [&] {
    return refused(std::string(member) + " is a list of texts, 100 at most.",
                   "InvalidParameterException");
  };
  if (!list->is_array() || list->size() > 100) return wrong();
  for (const auto& one : *list) {
    if (!one.is_string()) return wrong();
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

/// The accounts to look at: what is asked for, of what the caller may see.
Result<std::vector<std::string>> accounts_of(const Call& call, const EventHistoryOptions& options) {
  std::vector<std::string> wanted{call.caller.account};  // as with AWS: of one's own account
  if (!options.aws_limits) wanted = CAIRN_TRY(read_texts(call.input, "AccountIds"));
  if (wanted.empty()) return call.caller.accounts;
  for (const auto& account : wanted)
    if (!call.caller.may_see(account))
      return Error{ErrorKind::permission_denied,
                   access::denied_message(call.caller, "cloudtrail:LookupEvents"),
                   "AccessDeniedException"};
  return wanted;
}

Result<history::LookupRequest> read_request(const Call& call, const EventHistoryOptions& options) {
  const auto& input = call.input;
  history::LookupRequest request;
  CAIRN_TRY(read_attributes(input, request));
  request.start_us = optional_time_us(input, "StartTime");
  request.end_us = optional_time_us(input, "EndTime");
  if (request.start_us && request.end_us && *request.start_us > *request.end_us)
    return refused("Start time must be before end time.", "InvalidTimeRangeException");
  if (input.contains("EventCategory")) request.category = history::Category::insight;
  const auto most = input.find("MaxResults");
  if (most != input.end()) request.events_max = most->get<uint64_t>();
  request.accounts = CAIRN_TRY(accounts_of(call, options));
  if (options.aws_limits)
    request.regions = {std::string(call.region)};
  else
    request.regions = CAIRN_TRY(read_texts(input, "Regions"));
  if (options.aws_limits) return history::as_aws(std::move(request));
  if (request.category == history::Category::any) request.category = history::Category::management;
  request.resource_rules = history::ResourceRules::as_aws;
  return request;
}

}  // namespace

Result<std::unique_ptr<query::Session>> EventHistory::borrow(const std::function<bool()>& gone) {
  {
    std::unique_lock lock(mutex_);
    const auto is_free = [this] { return lent_ < options_.sessions_max; };
    // Threads that wait here answer nobody else.
    for (int64_t waited = 0; !is_free() && waited < options_.wait_ms; waited += kSliceMillis) {
      if (gone()) return nobody_waits();
      returned_.wait_for(lock, std::chrono::milliseconds(kSliceMillis), is_free);
    }
    if (!is_free()) return Error{ErrorKind::exhausted, "Rate exceeded", "ThrottlingException"};
    ++lent_;
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  auto opened = query::Session::open({.lake = options_.lake, .threads = options_.threads});
  if (opened.ok()) return std::make_unique<query::Session>(std::move(opened).value());
  give_back(nullptr);
  return std::move(opened).error();
}

void EventHistory::give_back(std::unique_ptr<query::Session> session) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (session) idle_.push_back(std::move(session));
  }
  returned_.notify_one();
}

Result<history::LookupEnd> EventHistory::lookup(const history::LookupRequest& request,
                                                const history::Visitor& visit,
                                                const std::function<bool()>& gone) {
  if (gone()) return nobody_waits();
  auto session = CAIRN_TRY(borrow(gone));
  auto end = [&] {
    const Deadline deadline(*session, options_.question_ms, gone);
    return history::lookup(*session, request, visit);
  }();
  // One that failed for reasons of its own is not used again.
  const bool good = end.ok() || end.error().kind() == ErrorKind::invalid_argument;
  give_back(good ? std::move(session) : nullptr);
  if (!end.ok() && gone()) return nobody_waits();
  return end;
}

bool EventHistory::take_turn(const std::string& account, std::string_view region, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  if (turns_.size() > kTurnsKept) turns_.clear();
  auto& turns = turns_[account + '/' + std::string(region)];
  if (now_us - turns.window_us >= kMicrosPerSecond) turns = {.window_us = now_us, .taken = 0};
  return ++turns.taken <= kTurnsPerSecond;
}

Result<Json> lookup_events(Features& features, const Call& call) {
  auto& history = *features.history;
  if (history.options().aws_limits &&
      !history.take_turn(call.caller.account, call.region, call.now_us))
    return Error{ErrorKind::exhausted, "Rate exceeded", "ThrottlingException"};
  auto request = CAIRN_TRY(read_request(call, history.options()));
  // AWS keeps 90 days. Whoever names an earlier time gets what is older too.
  const auto oldest = call.now_us - kHistoryUs;
  if (!request.start_us || history.options().aws_limits) request.oldest_us = oldest;
  // Without an end time the history ends now: imported events may have times of the future.
  if (!request.end_us) request.newest_us = call.now_us;
  const auto tokens = page_tokens_of(features, call);
  request.next_token = CAIRN_TRY(place_of_token(tokens, call.input));
  Json output = Json::object();
  output["Events"] = Json::array();
  const auto take = [&](history::Event&& event) {
    output["Events"].push_back(event_json(event));
    return true;
  };
  const auto end = CAIRN_TRY(history.lookup(request, take, [&] { return call.http.abandoned(); }));
  if (!end.next_token.empty()) output["NextToken"] = tokens.seal(end.next_token);
  return output;
}

}  // namespace cairn::api
