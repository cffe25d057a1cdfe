// The few operations of other services that CloudTrail's clients need besides.
#include "api/operations.h"
#include "api/things.h"

namespace cairn::api {
namespace {

Result<Json> get_caller_identity(Features& /*features*/, const Call& call) {
  return Json{{"Arn", call.caller.arn},
              {"UserId", call.caller.principal_id},
              {"Account", call.caller.account}};
}

constexpr Operation kSts[] = {
    {.name = "GetCallerIdentity",
     .right = Right::any,
     .about = about_nothing,
     .run = get_caller_identity},
};

/// validate-logs asks for the organization's id to find its digests.
Result<Json> describe_organization(Features& features, const Call& /*call*/) {
  if (features.organization_id.empty())
    return Error{ErrorKind::not_found, "Your account is not a member of an organization.",
                 "AWSOrganizationsNotInUseException"};
  const auto& id = features.organization_id;
  const auto& account = features.management_account;
  const auto arn = "arn:aws:organizations::" + account;
  return Json{{"Organization",
               {{"Id", id},
                {"Arn", arn + ":organization/" + id},
                {"FeatureSet", "ALL"},
                {"MasterAccountArn", arn + ":account/" + id + "/" + account},
                {"MasterAccountId", account},
                {"MasterAccountEmail", ""},
                {"AvailablePolicyTypes", Json::array()}}}};
}

constexpr Operation kOrganizations[] = {
    {.name = "DescribeOrganization", .about = about_nothing, .run = describe_organization},
};

}  // namespace

std::span<const Operation> sts_operations() {
  return kSts;
}

std::span<const Operation> organizations_operations() {
  return kOrganizations;
}

}  // namespace cairn::api
