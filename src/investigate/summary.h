// The first look at unknown logs: what period, which accounts and services, who, from where, with
// which errors, what is missing and what stands out.
//
// Everything comes from one pass: one SQL query with a grouping set for each question. Memory is
// bounded by the engine (it spills) and by what is kept: the top of each list, one number per
// minute of the logs, and one per caller.
#pragma once

#include "base/result.h"
#include "investigate/gaps.h"
#include "query/session.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::investigate {

struct SummaryOptions {
  size_t top = 10;  ///< entries of each list
};

/// How many events, how many of them failed (have an errorCode), and when. Times in microseconds
/// since 1970.
struct Tally {
  uint64_t events = 0;
  uint64_t errors = 0;
  uint64_t reads = 0;   ///< readOnly is true
  uint64_t writes = 0;  ///< readOnly is false
  std::optional<int64_t> first_us{};
  std::optional<int64_t> last_us{};

  void add(const Tally& other);
};

struct Entry {
  std::string name;    ///< empty: the events do not say
  std::string detail;  ///< calls: the eventSource
  Tally tally;
  uint64_t sessions = 0;  ///< callers: sessions of the role
};

/// The most frequent values, and how many there are.
struct TopList {
  std::vector<Entry> entries;  ///< most events first, equal ones by name
  uint64_t distinct = 0;       ///< values, without "does not say"
};

struct AccountRegion {
  std::string account;
  std::string region;
  Tally tally;
};

/// Who made the calls, as AWS's user guides ask.
struct Identities {
  uint64_t root = 0;
  uint64_t iam_user_key = 0;  ///< IAM users with a long-term access key
  uint64_t iam_user_session =
      0;                        ///< IAM users with temporary credentials (console, GetSessionToken)
  uint64_t iam_user_other = 0;  ///< IAM users without a key in the record
  uint64_t assumed_role = 0;
  uint64_t federated = 0;  ///< federated, SAML, web identity and Identity Center users
  uint64_t aws_service = 0;
  uint64_t other_account = 0;
  uint64_t other = 0;      ///< directory users, unknown, roles without a session, …
  uint64_t none = 0;       ///< no identity in the record
  uint64_t on_behalf = 0;  ///< of the above but aws_service: made by a service for the caller
};

struct Minute {
  int64_t start_us = 0;
  uint64_t events = 0;
  uint64_t errors = 0;
};

/// Something that a reader of logs wants to know of, whatever he came for.
struct Notable {
  std::string code;    ///< "root_sign_in"; for programs
  std::string text;    ///< "console sign-ins as root"
  std::string where;   ///< SQL condition over `cloudtrail` that finds the events
  std::string lookup;  ///< arguments of `cairn lookup` that show them (and maybe more), or empty
  Tally tally{};
};

struct Summary {
  Tally total;
  uint64_t repeated = 0;  ///< events beyond the first with their eventID
  uint64_t repeated_ids = 0;
  uint64_t files = 0;                 ///< that events were read from
  std::vector<AccountRegion> places;  ///< by account, then region
  TopList accounts;
  TopList regions;
  TopList categories;
  TopList services;
  TopList calls;
  TopList identity_types;
  Identities identities;
  TopList callers;  ///< the sessions of a role are one caller
  TopList addresses;
  TopList agents;
  TopList errors;
  std::vector<Minute> minutes;  ///< those with events, in order
  GapReport gaps;
  std::vector<Notable> notables;  ///< those that there are
};

/// Reads all events of the session once.
Result<Summary> summarize(query::Session& session, const SummaryOptions& options);

}  // namespace cairn::investigate
