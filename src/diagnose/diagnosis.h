// A diagnosis is data: which calls it looks at, which failures are its problem, and rules that turn
// what was counted into findings with advice. The three that exist are in eni.cc, throttling.cc and
// access_denied.cc; the engine (run.h, tally.h, findings.h) knows none of them.
#pragma once

#include "diagnose/denial.h"
#include "diagnose/error_class.h"
#include "diagnose/tally.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace cairn::diagnose {

enum class Severity : uint8_t {
  issue,   ///< something is wrong: `[ISSUE]`
  notice,  ///< worth knowing: `[INFO]`
};

/// What a rule looks at.
enum class Subject : uint8_t {
  failures,       ///< groups of like failures
  storms,         ///< bursts of the same failing call by one client, see retries.h
  hammering,      ///< clients whose pauses do not grow while they are throttled
  heavy_callers,  ///< callers that make most of the calls
};

/// A line of advice, or a command to run. `{placeholders}` are filled in with what was found; a
/// line with a placeholder that has no value here is left out. In commands, values are quoted for a
/// shell. The placeholders are listed in findings.h.
struct Advice {
  std::string_view text;
  bool command = false;
  bool kubernetes_only = false;  ///< only where the callers look like EKS, its nodes or controllers
};

/// A rule makes one finding of everything that it matches. A group of failures goes to the first
/// rule that matches it.
struct Rule {
  std::string_view id;  ///< stable, for programs: "delete_in_use"
  Subject subject = Subject::failures;
  Severity severity = Severity::issue;
  ErrorClass error_class = ErrorClass::none;  ///< none: failures of every class
  std::string_view call = {};                 ///< only this call
  std::string_view any_of = {};  ///< code or message holds one of these ('|' between, lower case)
  std::span<const DenialReason> reasons = {};  ///< only denials for one of these reasons
  uint64_t events_min = 1;
  double share_min = 0;  ///< heavy_callers: of all calls
  std::string_view title;
  std::span<const Advice> advice;
};

struct Diagnosis {
  std::string_view name;                         ///< on the command line: "eni"
  std::string_view title;                        ///< heading of its output
  std::string_view noun;                         ///< what is counted: "ENI API events"
  std::string_view problem;                      ///< "real error/throttle event(s)"
  std::string_view folder_prefix;                ///< of the folder that it writes
  bool always_writes = false;                    ///< the folder, also without --output
  std::string_view source = {};                  ///< eventSource; empty: every service
  std::span<const std::string_view> calls = {};  ///< empty: every call
  ErrorClass focus = ErrorClass::none;  ///< the only class of failure that it is about; none: all
  Grouping grouping = Grouping::by_message;
  std::span<const Rule> rules;
};

const Diagnosis& eni();
const Diagnosis& throttling();
const Diagnosis& access_denied();

/// The calls of EC2 about elastic network interfaces.
std::span<const std::string_view> eni_calls();

/// The three that the original of the ENI diagnosis asks for, in its order.
std::span<const std::string_view> classic_eni_calls();

}  // namespace cairn::diagnose
