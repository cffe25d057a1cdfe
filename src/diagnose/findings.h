// Findings: what a diagnosis' rules make of a tally, each with its evidence and what to do.
//
// Placeholders of the rules' texts: {events} {call} {calls} {caller} {callers_count} {role} {user}
// {region} {resource} {resources} {resource_list} {first} {last} {code} {actions} {action_list}
// {action} {account} {dir} {encoded} {share} {failures} {peak} {duration} {agent}. {role} and
// {user} are names without their ARN, {dir} is the folder that was written; the other ones are of
// the group with the most events, or lists over all groups of the finding ({actions}: of the top
// group's caller).
#pragma once

#include "diagnose/diagnosis.h"
#include "diagnose/retries.h"
#include "diagnose/tally.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::diagnose {

/// Events that support a finding: who did what, when, how often, with which outcome.
struct Evidence {
  std::string call;
  std::string caller;
  std::string client;  ///< the session, where one client is meant
  std::string region;
  std::string code;
  std::string message;
  std::string note;  ///< what else is to be said, in words
  uint64_t events = 0;
  int64_t first_us = 0;
  int64_t last_us = 0;
  std::vector<std::string> resources;
  bool more_resources = false;
  std::vector<std::string> event_ids;
};

struct AdviceLine {
  std::string text;
  bool command = false;
};

struct Finding {
  static constexpr size_t kEvidenceMax = 5;

  std::string id;
  Severity severity = Severity::issue;
  std::string title;
  uint64_t events = 0;
  std::vector<Evidence> evidence;  ///< most events first
  size_t evidence_left_out = 0;
  std::vector<AdviceLine> advice;
};

struct Storm {
  std::string client;
  std::string caller;
  std::string call;
  ErrorClass error_class = ErrorClass::other;
  Burst burst;
};

struct ClientBackoff {
  std::string client;
  std::string caller;
  std::string call;
  ErrorClass error_class = ErrorClass::other;
  uint64_t failures = 0;
  Backoff backoff;
};

/// Most failures first.
std::vector<Storm> storms_of(const Tally& tally);
/// Of the clients that failed often enough to be judged, most failures first. With `only` not
/// none, of failures of that class.
std::vector<ClientBackoff> backoffs_of(const Tally& tally, ErrorClass only);

/// `folder` is where files were written, or empty.
std::vector<Finding> find(const Diagnosis& diagnosis, const Tally& tally,
                          const std::string& folder);

}  // namespace cairn::diagnose
