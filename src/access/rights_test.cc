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

TEST(Rights, OfEachScope) {
  using enum Right;
  using enum Verdict;
  const std::string own = "111122223333";
  const std::string other = "444455556666";

  struct Row {
    Caller caller;
    Subject subject;
    Verdict read;
    Verdict change;
    Verdict put;
  };

  const Caller everything{.account = own};
  const Caller scoped{.account = own, .accounts = {own}};
  const Caller both{.account = own, .accounts = {own, other}};
  const Caller lodger{.account = own, .accounts = {other}};  // sees nothing of its home
  const Row table[] = {
      {everything, {own}, allowed, allowed, allowed},
      {everything, {other}, unseen, unseen, foreign},
      {everything, {own, true}, allowed, allowed, allowed},
      {everything, {other, true}, allowed, foreign, foreign},
      {scoped, {own}, allowed, allowed, allowed},
      {scoped, {other}, unseen, unseen, unseen},
      {scoped, {own, true}, allowed, partly, allowed},
      {scoped, {other, true}, allowed, partly, unseen},
      {both, {own}, allowed, allowed, allowed},
      {both, {other}, unseen, unseen, foreign},
      {both, {own, true}, allowed, partly, allowed},
      {both, {other, true}, allowed, partly, foreign},
      {lodger, {own}, unseen, unseen, unseen},
      {lodger, {other}, unseen, unseen, foreign},
      {lodger, {own, true}, allowed, partly, unseen},
      {lodger, {other, true}, allowed, partly, foreign},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.caller.accounts.size());
    SCOPED_TRACE(row.subject.account + (row.subject.organization ? " organization" : ""));
    EXPECT_EQ(judge(row.caller, read_configuration, row.subject), row.read);
    EXPECT_EQ(judge(row.caller, read_events, row.subject), row.read);
    EXPECT_EQ(judge(row.caller, change_configuration, row.subject), row.change);
    EXPECT_EQ(judge(row.caller, put_events, row.subject), row.put);
    EXPECT_EQ(judge(row.caller, any, row.subject), allowed);
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
