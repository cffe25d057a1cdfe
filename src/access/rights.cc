#include "access/rights.h"

#include <fmt/format.h>

#include <array>

namespace cairn::access {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"admin", "operator", "analyst", "auditor",
                                                    "writer"};  // in the order of Role

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
