// The diagnosis of elastic network interfaces: what EKS' network plugin, Auto Scaling, Lambda and
// people do with them, and why it fails.
#include "diagnose/diagnosis.h"

#include <array>

namespace cairn::diagnose {
namespace {

// Amazon EC2 API Reference: the operations on network interfaces, their addresses and permissions.
// AssociateAddress counts only where it names an interface, see event_query.cc.
constexpr std::array<std::string_view, 20> kEniCalls{"AssignIpv6Addresses",
                                                     "AssignPrivateIpAddresses",
                                                     "AssociateAddress",
                                                     "AssociateTrunkInterface",
                                                     "AttachNetworkInterface",
                                                     "CreateNetworkInterface",
                                                     "CreateNetworkInterfacePermission",
                                                     "DeleteNetworkInterface",
                                                     "DeleteNetworkInterfacePermission",
                                                     "DescribeNetworkInterfaceAttribute",
                                                     "DescribeNetworkInterfacePermissions",
                                                     "DescribeNetworkInterfaces",
                                                     "DescribeTrunkInterfaceAssociations",
                                                     "DetachNetworkInterface",
                                                     "DisassociateTrunkInterface",
                                                     "ModifyNetworkInterfaceAttribute",
                                                     "ModifyPublicIpDnsNameOptions",
                                                     "ResetNetworkInterfaceAttribute",
                                                     "UnassignIpv6Addresses",
                                                     "UnassignPrivateIpAddresses"};

constexpr std::array<std::string_view, 3> kClassicCalls{
    "AttachNetworkInterface", "CreateNetworkInterface", "DeleteNetworkInterface"};

constexpr std::array kInUseAdvice{
    Advice{"Detach an interface and wait until its status is 'available' before deleting it; "
           "{caller} called {call} while it was still attached or held by a service."},
    Advice{"If the interface is 'RequesterManaged', the service that made it has to let it go: "
           "delete the load balancer, endpoint or function instead."},
    Advice{"See what holds the interfaces:"},
    Advice{"aws ec2 describe-network-interfaces --region {region} --network-interface-ids "
           "{resources} --query 'NetworkInterfaces[].[NetworkInterfaceId,Status,RequesterManaged,"
           "Description,Attachment.[AttachmentId,InstanceId]]' --output table",
           true},
};

constexpr std::array kThrottleAdvice{
    Advice{"Throttled: {calls}. EC2 limits requests per account, Region and call, so every caller "
           "in {region} shares the budget with {caller}."},
    Advice{"Reduce pod churn: avoid rapid creation and deletion of pods, which costs a "
           "network interface or address each time.",
           false, true},
    Advice{"Keep more addresses warm on the nodes, so that fewer calls are needed; prefixes "
           "(ENABLE_PREFIX_DELEGATION) need the fewest:",
           false, true},
    Advice{"kubectl set env daemonset aws-node -n kube-system WARM_PREFIX_TARGET=1 "
           "ENABLE_PREFIX_DELEGATION=true",
           true, true},
    Advice{"Retry with exponential back-off and jitter; AWS SDKs do it in the retry modes "
           "'standard' and 'adaptive'."},
    Advice{"Ask for a higher limit only if the calls are needed. The limits that apply:"},
    Advice{"aws service-quotas list-service-quotas --service-code ec2 --region {region} --query "
           "\"Quotas[?contains(QuotaName, 'network interface')]\"",
           true},
    Advice{"Throttles by call are in throttle_by_action.txt:"},
    Advice{"cat {dir}/throttle_by_action.txt", true},
};

constexpr std::array kPermissionAdvice{
    Advice{"{caller} lacks {action_list}, or a policy denies it."},
    Advice{"Look at what the role may do:"},
    Advice{"aws iam get-role --role-name {role}", true},
    Advice{"aws iam list-attached-role-policies --role-name {role}", true},
    Advice{"aws iam list-attached-user-policies --user-name {user}", true},
    Advice{"Ask IAM for its verdict:"},
    Advice{
        "aws iam simulate-principal-policy --policy-source-arn {caller} --action-names {actions}",
        true},
    Advice{"Read the reason that EC2 encoded:"},
    Advice{"aws sts decode-authorization-message --encoded-message={encoded}", true},
    Advice{"Check which role the network plugin uses, and that AmazonEKS_CNI_Policy is attached to "
           "it:",
           false, true},
    Advice{"kubectl get sa aws-node -n kube-system -o yaml", true, true},
    Advice{"`cairn diagnose access-denied` on the same logs shows every denial and suggests a "
           "policy statement."},
};

constexpr std::array kSecurityGroupAdvice{
    Advice{"A security group that {caller} names does not exist, or belongs to another VPC than "
           "the subnet. Correct it in the launch template, the SecurityGroupPolicy or the "
           "deployment that names it."},
    Advice{"aws ec2 describe-security-groups --region {region} --query "
           "'SecurityGroups[].[GroupId,GroupName,VpcId]' --output table",
           true},
};

constexpr std::array kSubnetAdvice{
    Advice{"A subnet that {caller} names does not exist, or is in another VPC. Correct it in the "
           "ENIConfig, launch template or deployment that names it."},
    Advice{"aws ec2 describe-subnets --region {region} --query "
           "'Subnets[].[SubnetId,VpcId,AvailabilityZone,AvailableIpAddressCount]' --output table",
           true},
};

constexpr std::array kSubnetFullAdvice{
    Advice{"The subnet has no free addresses left. Add subnets to the cluster or group, or a "
           "secondary CIDR to the VPC, or lower the number of warm addresses per node."},
    Advice{"aws ec2 describe-subnets --region {region} --query "
           "'Subnets[].[SubnetId,AvailableIpAddressCount,CidrBlock]' --output table",
           true},
    Advice{"Interfaces that nothing uses any more hold addresses as well:"},
    Advice{"aws ec2 describe-network-interfaces --region {region} --filters "
           "Name=status,Values=available --query "
           "'NetworkInterfaces[].[NetworkInterfaceId,SubnetId,Description]' --output table",
           true},
};

constexpr std::array kLimitAdvice{
    Advice{"A quota or the instance type's number of interfaces or addresses is used up "
           "({code})."},
    Advice{"aws service-quotas list-service-quotas --service-code vpc --region {region} --query "
           "\"Quotas[?contains(QuotaName, 'etwork interface')]\"",
           true},
    Advice{"Delete interfaces that nothing uses any more:"},
    Advice{"aws ec2 describe-network-interfaces --region {region} --filters "
           "Name=status,Values=available --query "
           "'NetworkInterfaces[].[NetworkInterfaceId,SubnetId,Description]' --output table",
           true},
};

constexpr std::array kDependencyAdvice{
    Advice{"{caller} called {calls} on something that is in use or in a state that does not allow "
           "it ({code}). Let go of what depends on it first, and wait for the state to change."},
    Advice{"aws ec2 describe-network-interfaces --region {region} --network-interface-ids "
           "{resources}",
           true},
};

constexpr std::array kNotFoundAdvice{
    Advice{"What {caller} named was not there ({code}): deleted already, or not visible yet. "
           "Cleaning up twice is harmless; if it comes right after a creation, wait and retry, as "
           "EC2 is eventually consistent."},
};

constexpr std::array kInvalidAdvice{
    Advice{"The request itself is wrong ({code}), so repeating it cannot help. Correct what "
           "{caller} sends; the messages are in eni_errors.tsv:"},
    Advice{"cat {dir}/eni_errors.tsv", true},
};

constexpr std::array kFaultAdvice{
    Advice{"EC2 failed ({code}). Retry with back-off; if it goes on, look at the AWS Health "
           "Dashboard for {region}."},
};

constexpr std::array kOtherAdvice{
    Advice{"{code} has no class of its own here; the messages are in eni_errors.tsv:"},
    Advice{"cat {dir}/eni_errors.tsv", true},
};

constexpr std::array kEniStormAdvice{
    Advice{"{caller} repeats {call} without a pause: {failures} failures in {duration}, up to "
           "{peak} per minute. Find the loop and give it exponential back-off with a limit; calls "
           "that fail for another reason than throttling should not be repeated at all."},
    Advice{"Who calls how often is in calls_by_user.txt:"},
    Advice{"cat {dir}/calls_by_user.txt", true},
};

constexpr std::array kHammeringAdvice{
    Advice{"{caller} goes on calling {call} at the same pace while EC2 throttles it, which keeps "
           "the throttling up. Turn on the SDK's retry mode 'adaptive', or raise the pause after "
           "each refusal."},
};

constexpr std::array kHeavyAdvice{
    Advice{"{caller} makes {share} of the calls. That is a retry storm, needless creation and "
           "deletion, or an ordinary clean-up; calls_by_user.txt has everybody:"},
    Advice{"cat {dir}/calls_by_user.txt", true},
};

constexpr std::array kEniRules{
    Rule{.id = "delete_in_use",
         .error_class = ErrorClass::dependency,
         .call = "DeleteNetworkInterface",
         .any_of = "in use|inuse",
         .title = "{events} deletion(s) of interfaces that are in use, by {callers_count}",
         .advice = kInUseAdvice},
    Rule{.id = "throttle",
         .error_class = ErrorClass::throttle,
         .title = "{events} call(s) throttled: {calls}",
         .advice = kThrottleAdvice},
    Rule{.id = "permission",
         .error_class = ErrorClass::permission,
         .title = "{events} call(s) denied: {action_list}",
         .advice = kPermissionAdvice},
    Rule{.id = "subnet_full",
         .any_of = "insufficientfreeaddresses|insufficientcidr",
         .title = "{events} call(s) found no free address in the subnet",
         .advice = kSubnetFullAdvice},
    Rule{.id = "security_group",
         .any_of = "invalidgroup|invalidsecuritygroup|security group",
         .title = "{events} call(s) named a security group that does not fit",
         .advice = kSecurityGroupAdvice},
    Rule{.id = "subnet",
         .any_of = "invalidsubnet|subnet id",
         .title = "{events} call(s) named a subnet that does not fit",
         .advice = kSubnetAdvice},
    Rule{.id = "limit_exceeded",
         .error_class = ErrorClass::limit_exceeded,
         .title = "{events} call(s) hit a limit: {code}",
         .advice = kLimitAdvice},
    Rule{.id = "dependency",
         .error_class = ErrorClass::dependency,
         .title = "{events} call(s) met something in use or in another state: {calls}",
         .advice = kDependencyAdvice},
    Rule{.id = "not_found",
         .severity = Severity::notice,
         .error_class = ErrorClass::not_found,
         .title = "{events} call(s) named something that is not there: {calls}",
         .advice = kNotFoundAdvice},
    Rule{.id = "invalid_parameter",
         .error_class = ErrorClass::invalid_parameter,
         .title = "{events} call(s) had invalid parameters: {calls}",
         .advice = kInvalidAdvice},
    Rule{.id = "service_fault",
         .error_class = ErrorClass::service_fault,
         .title = "{events} call(s) failed within EC2",
         .advice = kFaultAdvice},
    Rule{.id = "other",
         .error_class = ErrorClass::other,
         .title = "{events} call(s) failed otherwise: {code}",
         .advice = kOtherAdvice},
    Rule{.id = "retry_storm",
         .subject = Subject::storms,
         .title = "Retry storms: {events} failures of {calls}, by {callers_count}",
         .advice = kEniStormAdvice},
    Rule{.id = "no_backoff",
         .subject = Subject::hammering,
         .error_class = ErrorClass::throttle,
         .title = "{callers_count} throttled on {calls} without backing off",
         .advice = kHammeringAdvice},
    Rule{.id = "heavy_caller",
         .subject = Subject::heavy_callers,
         .severity = Severity::notice,
         .events_min = 1'000,
         .share_min = 0.5,
         .title = "High call volume: {caller} makes {share} of the calls",
         .advice = kHeavyAdvice},
};

constexpr Diagnosis kEni{.name = "eni",
                         .title = "CloudTrail API Diagnostics",
                         .noun = "ENI API events",
                         .problem = "real error/throttle event(s)",
                         .folder_prefix = "sgfp_api_diag_",
                         .always_writes = true,
                         .source = "ec2.amazonaws.com",
                         .calls = kEniCalls,
                         .rules = kEniRules};

}  // namespace

const Diagnosis& eni() {
  return kEni;
}

std::span<const std::string_view> eni_calls() {
  return kEniCalls;
}

std::span<const std::string_view> classic_eni_calls() {
  return kClassicCalls;
}

}  // namespace cairn::diagnose
