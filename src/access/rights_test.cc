#include "access/rights.h"

#include <gtest/gtest.h>

namespace cairn::access {
namespace {

TEST(Rights, OfEachRole) {
  using enum Right;

  struct Row {
    Right right;
    std::string_view roles;
  };

  const Row table[] = {
      {read_configuration, "admin operator analyst auditor "},
      {change_configuration, "admin operator "},
      {read_events, "admin operator analyst auditor "},
      {put_events, "admin operator writer "},
      {any, "admin operator analyst auditor writer "},
  };
  for (const auto& row : table) {
    std::string allowed;
    for (const auto name : role_names())
      if (may(*role_named(name), row.right)) allowed += std::string(name) + ' ';
    EXPECT_EQ(allowed, row.roles);
  }
}

TEST(Rights, NamesOfRoles) {
  for (const auto name : role_names()) EXPECT_EQ(role_name(*role_named(name)), name);
  EXPECT_EQ(role_named("root"), std::nullopt);
  EXPECT_EQ(role_named(""), std::nullopt);
  EXPECT_EQ(role_named("Admin"), std::nullopt);
}

TEST(Rights, DeniedInAwsWords) {
  Caller caller;
  caller.arn = "arn:aws:iam::123456789012:user/ann";
  EXPECT_EQ(denied_message(caller, "cloudtrail:LookupEvents"),
            "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "cloudtrail:LookupEvents because no identity-based policy allows the "
            "cloudtrail:LookupEvents action");
  EXPECT_EQ(denied_message(caller, "cloudtrail:DeleteTrail",
                           "arn:aws:cloudtrail:us-east-1:123456789012:trail/t"),
            "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "cloudtrail:DeleteTrail on resource: "
            "arn:aws:cloudtrail:us-east-1:123456789012:trail/t because no identity-based policy "
            "allows the cloudtrail:DeleteTrail action");
}

}  // namespace
}  // namespace cairn::access
