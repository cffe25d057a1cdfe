// LookupEvents: the event history of the lake, as AWS answers it.
#pragma once

#include "api/operation.h"
#include "base/result.h"
#include "history/lookup.h"
#include "query/session.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::api {

struct EventHistoryOptions {
  query::LakeSource lake{};
  size_t sessions_max = 4;       ///< questions that are answered at once; others wait
  int threads = 1;               ///< of a question: each may hold a row group with all its columns
  int64_t wait_ms = 2'000;       ///< for a session; then the caller is told to come again
  int64_t question_ms = 20'000;  ///< a question that takes longer is stopped
  /// What AWS does for its own sake: one attribute, the call's Region and account only, nothing
  /// older than 90 days, two calls a second.
  bool aws_limits = false;
};

/// Sessions on the lake that are opened once and see what is committed since. Thread-safe.
class EventHistory {
 public:
  explicit EventHistory(EventHistoryOptions options) : options_(std::move(options)) {}

  const EventHistoryOptions& options() const { return options_; }

  /// `gone` says that nobody waits for the answer any more; then it fails with `unavailable`.
  Result<history::LookupEnd> lookup(const history::LookupRequest& request,
                                    const history::Visitor& visit,
                                    const std::function<bool()>& gone);

  /// Whether a caller of the account may ask in that Region now; counts it.
  bool take_turn(const std::string& account, std::string_view region, int64_t now_us);

 private:
  Result<std::unique_ptr<query::Session>> borrow(const std::function<bool()>& gone);
  void give_back(std::unique_ptr<query::Session> session);

  const EventHistoryOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<query::Session>> idle_;
  size_t lent_ = 0;

  struct Turns {
    int64_t window_us = 0;
    int taken = 0;
  };

  std::map<std::string, Turns> turns_;
};

/// Beyond AWS: several LookupAttributes (of different keys all must hold), and the members
/// AccountIds and Regions, lists of texts.
Result<Json> lookup_events(Features& features, const Call& call);

}  // namespace cairn::api
