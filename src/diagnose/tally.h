// What a diagnosis keeps of the events that pass by: counts, groups of like failures with a few
// examples, and the times of each client's failures. Memory is bounded whatever passes by; what
// went beyond a bound is said in Tally::limits_hit().
#pragma once

#include "diagnose/count_table.h"
#include "diagnose/denial.h"
#include "diagnose/error_class.h"
#include "diagnose/event.h"
#include "diagnose/time_series.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::diagnose {

/// How failures are put together.
enum class Grouping : uint8_t {
  by_message,   ///< same call, code, caller, and message but for the ids in it
  by_resource,  ///< same caller, denied action, resource and reason
};

/// One failed event, kept as an example.
struct Sample {
  int64_t time_us = 0;
  std::string call;
  std::string user;
  std::string code;
  std::string message;
  std::string event_id;
};

/// Failures of one kind by one caller.
struct FailureGroup {
  static constexpr size_t kResourcesMax = 8;
  static constexpr size_t kEventIdsMax = 3;

  std::string source;
  std::string name;
  std::string call;  ///< as shown: see call_label()
  std::string code;
  std::string message;  ///< of the newest
  std::string caller;
  std::string user;  ///< of the newest: the session
  std::string agent;
  std::string region;
  std::string account;
  ErrorClass error_class = ErrorClass::other;
  uint64_t events = 0;
  int64_t first_us = 0;
  int64_t last_us = 0;
  std::vector<std::string> resources;  ///< distinct, the first that were met
  bool more_resources = false;
  std::vector<std::string> event_ids;
  // Of denials:
  std::string action;    ///< IAM action
  std::string resource;  ///< what the action was denied on: an ARN, `*`, or empty if unknown
  std::string encoded;   ///< an encoded authorization message
  DenialReason reason = DenialReason::not_said;
};

/// The failures of one client of one call, of one class.
struct FailureStream {
  std::string client;  ///< session or user
  std::string caller;
  std::string call;
  std::string name;
  ErrorClass error_class = ErrorClass::other;
  std::vector<int64_t> times_us;  ///< ascending once Tally::finish() was called
};

/// `ssm:DescribeParameters`
std::string call_label(std::string_view source, std::string_view name);

/// `message` with what differs from event to event taken out (ids, numbers, ARNs, encoded text),
/// so that like messages are equal.
std::string message_shape(std::string_view message);

class Tally {
 public:
  static constexpr size_t kGroupsMax = 20'000;
  static constexpr size_t kStreamsMax = 100'000;
  static constexpr size_t kTimesMax = 8'000'000;
  static constexpr size_t kLatest = 5;

  struct Options {
    Grouping grouping = Grouping::by_message;
    bool with_service = false;  ///< calls are shown as `service:Call`
  };

  Tally(TimeSeries series, Options options);

  /// In any order. The class must be classify()'s.
  void add(const Event& event, ErrorClass error_class);
  /// Sorts what needs it; call it once, after the last event.
  void finish();

  uint64_t events() const { return events_; }

  uint64_t failures() const;

  uint64_t of(ErrorClass error_class) const { return by_class_[static_cast<size_t>(error_class)]; }

  const CountTable& calls() const { return calls_; }

  const CountTable& callers() const { return callers_; }

  const CountTable& dry_runs_by_caller() const { return dry_runs_by_caller_; }

  const CountTable& throttles_by_call() const { return throttles_by_call_; }

  const CountTable& failures_by_call() const { return failures_by_call_; }

  const CountTable& failures_by_caller() const { return failures_by_caller_; }

  const CountTable& failures_by_code() const { return failures_by_code_; }

  const CountTable& failures_by_agent() const { return failures_by_agent_; }

  const CountTable& failures_by_key() const { return failures_by_key_; }

  const TimeSeries& series() const { return series_; }

  /// The newest failures, newest first.
  const std::vector<Sample>& latest() const { return latest_; }

  /// Most events first.
  const std::vector<FailureGroup>& groups() const { return groups_; }

  const std::vector<FailureStream>& streams() const { return streams_; }

  /// One sentence for each bound that was hit; empty if the tables hold everything.
  std::vector<std::string> limits_hit() const;

 private:
  void add_failure(const Event& event, ErrorClass error_class, const std::string& call);
  FailureGroup* group_of(const Event& event, ErrorClass error_class, const std::string& call);
  void add_to_stream(const Event& event, ErrorClass error_class, const std::string& call);
  void keep_if_recent(const Event& event, const std::string& call);

  Options options_;
  TimeSeries series_;
  uint64_t events_ = 0;
  std::array<uint64_t, kErrorClassCount> by_class_{};
  CountTable calls_;
  CountTable callers_;
  CountTable dry_runs_by_caller_;
  CountTable throttles_by_call_;
  CountTable failures_by_call_;
  CountTable failures_by_caller_;
  CountTable failures_by_code_;
  CountTable failures_by_agent_;
  CountTable failures_by_key_;
  std::vector<Sample> latest_;
  std::vector<FailureGroup> groups_;
  TextMap<size_t> group_index_;
  std::vector<FailureStream> streams_;
  TextMap<size_t> stream_index_;
  size_t times_ = 0;
  uint64_t ungrouped_ = 0;
  uint64_t untimed_ = 0;
};

}  // namespace cairn::diagnose
