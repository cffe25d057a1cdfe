#include "access/rights.h"

#include <fmt/format.h>

#include <array>

namespace cairn::access {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"admin", "operator", "analyst", "auditor",
                                                    "writer"};  // in the order of Role

/// An organization's things are known in each of its accounts.
bool knows_of(const Caller& caller, const Subject& subject) {
  if (subject.organization) return true;
  return subject.account == caller.account && caller.may_see(subject.account);
}

bool sees_all_of(const Caller& caller, const Subject& subject) {
  return subject.organization ? caller.accounts.empty() : caller.may_see(subject.account);
}

}  // namespace

bool may(Role role, Right right) {
  switch (right) {
    case Right::any:
      return true;
    case Right::change_configuration:
      return role == Role::admin || role == Role::operator_;
    case Right::put_events:
      return role == Role::admin || role == Role::operator_ || role == Role::writer;
    case Right::read_configuration:
    case Right::read_events:
      return role != Role::writer;
  }
  return false;
}

Verdict judge(const Caller& caller, Right right, const Subject& subject) {
  const bool at_home = subject.account == caller.account;
  switch (right) {
    case Right::any:
      return Verdict::allowed;
    case Right::read_configuration:
    case Right::read_events:
      return knows_of(caller, subject) ? Verdict::allowed : Verdict::unseen;
    case Right::change_configuration:
      if (!knows_of(caller, subject)) return Verdict::unseen;
      if (!sees_all_of(caller, subject)) return Verdict::partly;
      return at_home ? Verdict::allowed : Verdict::foreign;
    case Right::put_events:
      if (!caller.may_see(subject.account)) return Verdict::unseen;
      return at_home ? Verdict::allowed : Verdict::foreign;
  }
  return Verdict::unseen;
}

std::string_view role_name(Role role) {
  return kNames.at(static_cast<size_t>(role));
}

std::optional<Role> role_named(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Role>(i);
  return std::nullopt;
}

std::span<const std::string_view> role_names() {
  return kNames;
}

std::string denied_message(const Caller& caller, std::string_view action,
                           std::string_view resource) {
  return fmt::format(
      "User: {} is not authorized to perform: {}{}{} because no identity-based policy allows the "
      "{} action",
      caller.arn, action, resource.empty() ? "" : " on resource: ", resource, action);
}

}  // namespace cairn::access
