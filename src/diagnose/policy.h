// The smallest policy statements that would allow what was denied: suggestions for a person to
// judge, never more than was asked for, and none where a statement cannot help.
#pragma once

#include "diagnose/tally.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cairn::diagnose {

struct PolicyStatement {
  std::vector<std::string> actions;
  std::vector<std::string> resources;
};

struct PolicySuggestion {
  static constexpr size_t kStatementsMax = 20;
  static constexpr size_t kResourcesMax = 50;  ///< per statement

  std::string caller;
  uint64_t events = 0;  ///< denied calls of this caller, also those that get no statement
  std::vector<PolicyStatement> statements;  ///< empty where no allow statement can help
  std::vector<std::string> notes;           ///< what a statement cannot do, and what was assumed
};

/// One per denied caller, in the order of `groups` (Grouping::by_resource). Denials by an explicit
/// deny, and by missing permission in a policy other than the caller's own, get a note instead of a
/// statement.
std::vector<PolicySuggestion> suggest_policies(std::span<const FailureGroup> groups);

/// The policy document, indented by two blanks; "" without statements.
std::string policy_json(const PolicySuggestion& suggestion);

}  // namespace cairn::diagnose
