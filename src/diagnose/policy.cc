#include "diagnose/policy.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace cairn::diagnose {
namespace {

using Names = std::set<std::string>;

/// What one caller was denied, before it is put into statements.
struct Wanted {
  std::string caller;
  uint64_t events = 0;
  std::map<std::string, Names> actions_by_resource;
  Names notes;
};

bool is_iam_identity(std::string_view caller) {
  return caller.starts_with("arn:") && (caller.find(":role/") != std::string_view::npos ||
                                        caller.find(":user/") != std::string_view::npos ||
                                        caller.find(":assumed-role/") != std::string_view::npos ||
                                        caller.find(":federated-user/") != std::string_view::npos);
}

/// Whether the caller's own policy is the one that lacks the permission.
bool own_policy_can_help(DenialReason reason) {
  switch (reason) {
    case DenialReason::not_said:
    case DenialReason::encoded:
    case DenialReason::no_identity_policy:
    case DenialReason::no_resource_policy:
    case DenialReason::no_boundary:
      return true;
    case DenialReason::no_session_policy:
    case DenialReason::no_service_control:
    case DenialReason::no_resource_control:
    case DenialReason::no_endpoint_policy:
    case DenialReason::deny_identity_policy:
    case DenialReason::deny_resource_policy:
    case DenialReason::deny_boundary:
    case DenialReason::deny_session_policy:
    case DenialReason::deny_service_control:
    case DenialReason::deny_resource_control:
    case DenialReason::deny_endpoint_policy:
    case DenialReason::explicit_deny:
      return false;
  }
  return false;
}

std::string denied_by(const FailureGroup& group) {
  return is_explicit_deny(group.reason)
             ? fmt::format("{}: {}; an allow statement cannot override that", group.action,
                           describe(group.reason))
             : fmt::format("{}: {}; the permission is missing there, not in the caller's policy",
                           group.action, describe(group.reason));
}

void want(Wanted& wanted, const FailureGroup& group) {
  wanted.events += group.events;
  if (group.action.empty()) {
    wanted.notes.insert(fmt::format("{}: not governed by an IAM action", group.call));
    return;
  }
  if (group.message.find("not activated") != std::string::npos) {
    wanted.notes.insert(
        fmt::format("{}: a setting of the account stands against it, not a policy", group.action));
    return;
  }
  if (!own_policy_can_help(group.reason)) {
    wanted.notes.insert(denied_by(group));
    return;
  }
  if (!is_iam_identity(wanted.caller)) {
    wanted.notes.insert(fmt::format("{}: the caller is no IAM user or role", group.action));
    return;
  }
  if (group.reason == DenialReason::no_boundary)
    wanted.notes.insert(
        fmt::format("{}: the permissions boundary has to allow it too", group.action));
  if (group.reason == DenialReason::no_resource_policy)
    wanted.notes.insert(fmt::format(
        "{}: if the resource is in another account, its policy has to allow the caller too",
        group.action));
  if (group.action == "sts:AssumeRole")
    wanted.notes.insert("sts:AssumeRole: the role's trust policy has to name the caller too");
  if (group.reason == DenialReason::encoded)
    wanted.notes.insert(fmt::format(
        "{}: the reason is encoded; decode it first, it may be an explicit deny", group.action));
  const bool known = group.resource == "*" || group.resource.starts_with("arn:");
  if (!known)
    wanted.notes.insert(fmt::format(
        "{}: the log does not name a resource, so \"*\" stands for it; narrow it", group.action));
  wanted.actions_by_resource[known ? group.resource : "*"].insert(group.action);
}

/// Resources with the same actions share a statement.
std::vector<PolicyStatement> statements_of(Wanted& wanted) {
  std::map<Names, Names> resources_by_actions;
  for (const auto& [resource, actions] : wanted.actions_by_resource)
    resources_by_actions[actions].insert(resource);
  std::vector<PolicyStatement> statements;
  for (const auto& [actions, resources] : resources_by_actions) {
    if (statements.size() == PolicySuggestion::kStatementsMax) {
      wanted.notes.insert(fmt::format("{} more statements are left out",
                                      resources_by_actions.size() - statements.size()));
      break;
    }
    PolicyStatement& statement = statements.emplace_back();
    statement.actions.assign(actions.begin(), actions.end());
    for (const auto& resource : resources)
      if (statement.resources.size() < PolicySuggestion::kResourcesMax)
        statement.resources.push_back(resource);
    if (statement.resources.size() < resources.size())
      wanted.notes.insert(fmt::format("{}: {} more resources are left out", *actions.begin(),
                                      resources.size() - statement.resources.size()));
  }
  return statements;
}

std::string json_names(const std::vector<std::string>& names, std::string_view indent) {
  std::string out;
  if (names.size() == 1) {
    append_json_string(out, names.front());
    return out;
  }
  out = "[";
  for (size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("{}\n{}  ", i == 0 ? "" : ",", indent);
    append_json_string(out, names[i]);
  }
  return out + fmt::format("\n{}]", indent);
}

}  // namespace

std::vector<PolicySuggestion> suggest_policies(std::span<const FailureGroup> groups) {
  std::vector<Wanted> callers;
  TextMap<size_t> index;
  for (const auto& group : groups) {
    if (group.error_class != ErrorClass::permission) continue;
    const auto [found, added] = index.emplace(group.caller, callers.size());
    if (added)
      callers.push_back(
          {.caller = group.caller, .events = 0, .actions_by_resource = {}, .notes = {}});
    want(callers[found->second], group);
  }
  std::vector<PolicySuggestion> out;
  for (auto& wanted : callers) {
    PolicySuggestion& suggestion = out.emplace_back();
    suggestion.caller = wanted.caller;
    suggestion.events = wanted.events;
    suggestion.statements = statements_of(wanted);
    suggestion.notes.assign(wanted.notes.begin(), wanted.notes.end());
  }
  return out;
}

std::string policy_json(const PolicySuggestion& suggestion) {
  if (suggestion.statements.empty()) return {};
  std::string out = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [";
  for (size_t i = 0; i < suggestion.statements.size(); ++i) {
    const auto& statement = suggestion.statements[i];
    out += fmt::format(
        "{}\n    {{\n      \"Effect\": \"Allow\",\n      \"Action\": {},\n"
        "      \"Resource\": {}\n    }}",
        i == 0 ? "" : ",", json_names(statement.actions, "      "),
        json_names(statement.resources, "      "));
  }
  return out + "\n  ]\n}\n";
}

}  // namespace cairn::diagnose
