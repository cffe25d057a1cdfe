// The diagnosis of denied calls: who is denied what on what, and why according to the message.
#include "diagnose/diagnosis.h"

#include <array>

namespace cairn::diagnose {
namespace {

constexpr std::array kScpReasons{
    DenialReason::deny_service_control, DenialReason::no_service_control,
    DenialReason::deny_resource_control, DenialReason::no_resource_control};
constexpr std::array kBoundaryReasons{DenialReason::no_boundary, DenialReason::deny_boundary};
constexpr std::array kSessionReasons{DenialReason::no_session_policy,
                                     DenialReason::deny_session_policy};
constexpr std::array kEndpointReasons{DenialReason::no_endpoint_policy,
                                      DenialReason::deny_endpoint_policy};
constexpr std::array kResourceReasons{DenialReason::no_resource_policy,
                                      DenialReason::deny_resource_policy};
constexpr std::array kDenyReasons{DenialReason::deny_identity_policy, DenialReason::explicit_deny};
constexpr std::array kEncodedReasons{DenialReason::encoded};

constexpr std::array kOrganisationAdvice{
    Advice{"A policy of the organisation stands against {action_list}; no statement in the account "
           "can allow it. If the call is meant to work, the administrators of the organisation "
           "have to change the policy that applies to account {account}:"},
    Advice{"aws organizations list-policies-for-target --target-id {account} --filter "
           "SERVICE_CONTROL_POLICY",
           true},
    Advice{"Calls that are not meant to work (blocked Regions, protected trails): find out why "
           "{caller} tries them."},
};

constexpr std::array kBoundaryAdvice{
    Advice{"The permissions boundary of {caller} limits it, whatever its policies allow. Allow "
           "{action_list} in the boundary as well, if it is meant to work:"},
    Advice{"aws iam get-role --role-name {role} --query Role.PermissionsBoundary", true},
    Advice{"aws iam get-user --user-name {user} --query User.PermissionsBoundary", true},
};

constexpr std::array kSessionAdvice{
    Advice{"The session of {caller} was made with a session policy that is narrower than the role. "
           "Change the policy that is passed to AssumeRole (or the Identity Center permission "
           "set)."},
};

constexpr std::array kEndpointAdvice{
    Advice{"The policy of the VPC endpoint does not let {action_list} through. See which endpoint "
           "the calls took and what its policy says:"},
    Advice{"aws ec2 describe-vpc-endpoints --region {region} --query "
           "'VpcEndpoints[].[VpcEndpointId,ServiceName,PolicyDocument]'",
           true},
};

constexpr std::array kResourceAdvice{
    Advice{"The policy of the resource decides: {resource}. Add {caller} to it, or take it out of "
           "the statement that denies it."},
};

constexpr std::array kDenyAdvice{
    Advice{"A statement with \"Effect\": \"Deny\" matches {action_list}, and it wins over every "
           "allow. Find it, and narrow it if the call is meant to work:"},
    Advice{"aws iam list-attached-role-policies --role-name {role}", true},
    Advice{"aws iam list-role-policies --role-name {role}", true},
    Advice{"aws iam list-attached-user-policies --user-name {user}", true},
    Advice{"aws iam list-user-policies --user-name {user}", true},
};

constexpr std::array kEncodedAdvice{
    Advice{"The service encoded the reason. Decode it (needs sts:DecodeAuthorizationMessage):"},
    Advice{"aws sts decode-authorization-message --encoded-message={encoded}", true},
    Advice{"Ask IAM for its verdict:"},
    Advice{
        "aws iam simulate-principal-policy --policy-source-arn {caller} --action-names {actions}",
        true},
};

constexpr std::array kMissingAdvice{
    Advice{"If the calls are meant to work, give {caller} the suggested statement; if nobody knows "
           "the calls, treat them as an attempt to find out what the credentials may do."},
    Advice{"Ask IAM for its verdict:"},
    Advice{
        "aws iam simulate-principal-policy --policy-source-arn {caller} --action-names {actions}",
        true},
    Advice{"aws iam list-attached-role-policies --role-name {role}", true},
    Advice{"aws iam list-attached-user-policies --user-name {user}", true},
};

constexpr std::array kAccessDeniedStormAdvice{
    Advice{
        "{caller} repeats {call} although it is denied: {failures} times in {duration}. A denied "
        "call must not be retried; stop the loop until the policy is changed."},
};

constexpr std::array kAccessDeniedRules{
    Rule{.id = "organisation_policy",
         .error_class = ErrorClass::permission,
         .reasons = kScpReasons,
         .title = "{events} call(s) denied by the organisation's policies: {action_list}",
         .advice = kOrganisationAdvice},
    Rule{.id = "permissions_boundary",
         .error_class = ErrorClass::permission,
         .reasons = kBoundaryReasons,
         .title = "{events} call(s) outside the permissions boundary: {action_list}",
         .advice = kBoundaryAdvice},
    Rule{.id = "session_policy",
         .error_class = ErrorClass::permission,
         .reasons = kSessionReasons,
         .title = "{events} call(s) outside the session policy: {action_list}",
         .advice = kSessionAdvice},
    Rule{.id = "endpoint_policy",
         .error_class = ErrorClass::permission,
         .reasons = kEndpointReasons,
         .title = "{events} call(s) stopped by a VPC endpoint policy: {action_list}",
         .advice = kEndpointAdvice},
    Rule{.id = "resource_policy",
         .error_class = ErrorClass::permission,
         .reasons = kResourceReasons,
         .title = "{events} call(s) denied by the resource's policy: {action_list}",
         .advice = kResourceAdvice},
    Rule{.id = "explicit_deny",
         .error_class = ErrorClass::permission,
         .reasons = kDenyReasons,
         .title = "{events} call(s) denied explicitly: {action_list}",
         .advice = kDenyAdvice},
    Rule{.id = "encoded",
         .error_class = ErrorClass::permission,
         .reasons = kEncodedReasons,
         .title = "{events} call(s) denied, with the reason encoded: {action_list}",
         .advice = kEncodedAdvice},
    Rule{.id = "not_allowed",
         .error_class = ErrorClass::permission,
         .title = "{events} call(s) not allowed: {action_list}",
         .advice = kMissingAdvice},
    Rule{.id = "retry_storm",
         .subject = Subject::storms,
         .error_class = ErrorClass::permission,
         .title = "Denied calls in a loop: {events} failures of {calls}, by {callers_count}",
         .advice = kAccessDeniedStormAdvice},
};

constexpr Diagnosis kAccessDenied{.name = "access-denied",
                                  .title = "Denied API Calls",
                                  .noun = "API events",
                                  .problem = "denied call(s)",
                                  .folder_prefix = "access_denied_diag_",
                                  .focus = ErrorClass::permission,
                                  .grouping = Grouping::by_resource,
                                  .rules = kAccessDeniedRules};

}  // namespace

const Diagnosis& access_denied() {
  return kAccessDenied;
}

}  // namespace cairn::diagnose
