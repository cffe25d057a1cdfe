#include "diagnose/denial.h"

#include "base/text.h"

#include <fmt/format.h>

#include <array>

namespace cairn::diagnose {
namespace {

struct ReasonPhrase {
  std::string_view policy;  ///< in lower case
  DenialReason missing;
  DenialReason denied;
};

constexpr std::array kPhrases{
    ReasonPhrase{"identity-based policy", DenialReason::no_identity_policy,
                 DenialReason::deny_identity_policy},
    ReasonPhrase{"resource-based policy", DenialReason::no_resource_policy,
                 DenialReason::deny_resource_policy},
    ReasonPhrase{"permissions boundary", DenialReason::no_boundary, DenialReason::deny_boundary},
    ReasonPhrase{"session policy", DenialReason::no_session_policy,
                 DenialReason::deny_session_policy},
    ReasonPhrase{"service control policy", DenialReason::no_service_control,
                 DenialReason::deny_service_control},
    ReasonPhrase{"resource control policy", DenialReason::no_resource_control,
                 DenialReason::deny_resource_control},
    ReasonPhrase{"vpc endpoint policy", DenialReason::no_endpoint_policy,
                 DenialReason::deny_endpoint_policy},
};

struct Renamed {
  std::string_view from;
  std::string_view to;
};

/// eventSource (without .amazonaws.com) to the prefix of IAM actions, where the two differ.
constexpr std::array kPrefixes{
    Renamed{"monitoring", "cloudwatch"},
    Renamed{"email", "ses"},
    Renamed{"tagging", "tag"},
    Renamed{"opensearch", "es"},
    Renamed{"runtime.sagemaker", "sagemaker"},
    Renamed{"models.lex", "lex"},
    Renamed{"runtime.lex", "lex"},
    Renamed{"models-v2-lex", "lex"},
    Renamed{"runtime-v2-lex", "lex"},
    Renamed{"streams.dynamodb", "dynamodb"},
    Renamed{"dynamodbstreams", "dynamodb"},
    Renamed{"entitlement.marketplace", "aws-marketplace"},
    Renamed{"metering.marketplace", "aws-marketplace"},
    Renamed{"data.iot", "iot"},
    Renamed{"iotdata", "iot"},
    Renamed{"data.mediastore", "mediastore"},
    Renamed{"runtime-v2.lex", "lex"},
    Renamed{"models-v2.lex", "lex"},
    Renamed{"cloudcontrolapi", "cloudformation"},
    Renamed{"apigatewayv2", "apigateway"},
    Renamed{"ingestion.timestream", "timestream"},
    Renamed{"query.timestream", "timestream"},
    Renamed{"bedrock-runtime", "bedrock"},
    Renamed{"bedrock-agent", "bedrock"},
    Renamed{"bedrock-agent-runtime", "bedrock"},
};

/// Operations whose IAM action has another name ("Actions, resources, and condition keys" of the
/// Service Authorization Reference).
constexpr std::array kS3Actions{
    Renamed{"ListObjects", "ListBucket"},
    Renamed{"ListObjectsV2", "ListBucket"},
    Renamed{"HeadBucket", "ListBucket"},
    Renamed{"ListObjectVersions", "ListBucketVersions"},
    Renamed{"ListBuckets", "ListAllMyBuckets"},
    Renamed{"ListMultipartUploads", "ListBucketMultipartUploads"},
    Renamed{"ListParts", "ListMultipartUploadParts"},
    Renamed{"HeadObject", "GetObject"},
    Renamed{"SelectObjectContent", "GetObject"},
    Renamed{"CopyObject", "PutObject"},
    Renamed{"PostObject", "PutObject"},
    Renamed{"CreateMultipartUpload", "PutObject"},
    Renamed{"UploadPart", "PutObject"},
    Renamed{"UploadPartCopy", "PutObject"},
    Renamed{"CompleteMultipartUpload", "PutObject"},
    Renamed{"DeleteObjects", "DeleteObject"},
    Renamed{"GetBucketEncryption", "GetEncryptionConfiguration"},
    Renamed{"PutBucketEncryption", "PutEncryptionConfiguration"},
    Renamed{"DeleteBucketEncryption", "PutEncryptionConfiguration"},
    Renamed{"GetBucketReplication", "GetReplicationConfiguration"},
    Renamed{"PutBucketReplication", "PutReplicationConfiguration"},
    Renamed{"DeleteBucketReplication", "PutReplicationConfiguration"},
    Renamed{"GetBucketLifecycle", "GetLifecycleConfiguration"},
    Renamed{"GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"},
    Renamed{"PutBucketLifecycle", "PutLifecycleConfiguration"},
    Renamed{"PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"},
    Renamed{"DeleteBucketLifecycle", "PutLifecycleConfiguration"},
    Renamed{"GetBucketCors", "GetBucketCORS"},
    Renamed{"PutBucketCors", "PutBucketCORS"},
    Renamed{"DeleteBucketCors", "PutBucketCORS"},
    Renamed{"GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"},
    Renamed{"PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"},
    Renamed{"GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"},
    Renamed{"PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"},
    Renamed{"GetBucketInventoryConfiguration", "GetInventoryConfiguration"},
    Renamed{"PutBucketInventoryConfiguration", "PutInventoryConfiguration"},
    Renamed{"GetBucketMetricsConfiguration", "GetMetricsConfiguration"},
    Renamed{"PutBucketMetricsConfiguration", "PutMetricsConfiguration"},
    Renamed{"GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"},
    Renamed{"PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"},
    Renamed{"GetBucketNotificationConfiguration", "GetBucketNotification"},
    Renamed{"PutBucketNotificationConfiguration", "PutBucketNotification"},
    Renamed{"GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
    Renamed{"PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
    Renamed{"DeletePublicAccessBlock", "PutBucketPublicAccessBlock"},
    Renamed{"DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"},
    Renamed{"DeleteBucketTagging", "PutBucketTagging"},
    Renamed{"DeleteBucketOwnershipControls", "PutBucketOwnershipControls"},
    Renamed{"GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"},
    Renamed{"PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"},
};

constexpr std::array kLambdaActions{
    Renamed{"Invoke", "InvokeFunction"},
};

template <size_t N>
std::string_view renamed(const std::array<Renamed, N>& table, std::string_view from) {
  for (const auto& entry : table)
    if (entry.from == from) return entry.to;
  return from;
}

/// `CreateFunction20150331`, `UpdateFunctionCode20150331v2`, `GetDistribution2020_05_31`: the name
/// alone. A name that merely ends in digits (`ListObjectsV2`) stays.
std::string_view without_version(std::string_view name) {
  const size_t v = name.rfind('v');
  if (v != std::string_view::npos && v > 8 && v + 1 < name.size() &&
      all_digits(name.substr(v + 1)) && all_digits(name.substr(v - 8, 8)))
    return name.substr(0, v - 8);
  if (name.size() > 8 && all_digits(name.substr(name.size() - 8)))
    return name.substr(0, name.size() - 8);
  if (name.size() > 10) {
    const std::string_view end = name.substr(name.size() - 10);
    if (end[4] == '_' && end[7] == '_' && all_digits(end.substr(0, 4)) &&
        all_digits(end.substr(5, 2)) && all_digits(end.substr(8)))
      return name.substr(0, name.size() - 10);
  }
  return name;
}

/// What follows `marker` in `text`, up to the first of the `ends`, without blanks and a full stop.
template <size_t N>
std::string_view between(std::string_view text, std::string_view marker,
                         const std::array<std::string_view, N>& ends) {
  const size_t at = text.find(marker);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + marker.size());
  for (const auto end : ends) text = text.substr(0, text.find(end));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '.' || text.back() == ','))
    text.remove_suffix(1);
  return text;
}

DenialReason reason_of(std::string_view code, const std::string& lower) {
  const auto has = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  const bool denies = has("explicit deny");
  for (const auto& phrase : kPhrases) {
    if (denies && has(fmt::format("explicit deny in a {}", phrase.policy))) return phrase.denied;
    if (denies && has(fmt::format("explicit deny in an {}", phrase.policy))) return phrase.denied;
    if (has(fmt::format("no {} allows", phrase.policy))) return phrase.missing;
  }
  if (denies) return DenialReason::explicit_deny;
  if (equals_ignoring_case(code, "VpceAccessDenied") || has("due to a vpc endpoint policy"))
    return DenialReason::deny_endpoint_policy;
  if (has("encoded authorization failure message")) return DenialReason::encoded;
  return DenialReason::not_said;
}

}  // namespace

std::string_view describe(DenialReason reason) {
  switch (reason) {
    case DenialReason::not_said:
      return "the message does not say why";
    case DenialReason::encoded:
      return "the reason is in the encoded message";
    case DenialReason::no_identity_policy:
      return "no identity-based policy allows it";
    case DenialReason::no_resource_policy:
      return "no resource-based policy allows it";
    case DenialReason::no_boundary:
      return "the permissions boundary does not allow it";
    case DenialReason::no_session_policy:
      return "the session policy does not allow it";
    case DenialReason::no_service_control:
      return "no service control policy (SCP) allows it";
    case DenialReason::no_resource_control:
      return "no resource control policy (RCP) allows it";
    case DenialReason::no_endpoint_policy:
      return "the VPC endpoint policy does not allow it";
    case DenialReason::deny_identity_policy:
      return "an identity-based policy denies it explicitly";
    case DenialReason::deny_resource_policy:
      return "a resource-based policy denies it explicitly";
    case DenialReason::deny_boundary:
      return "the permissions boundary denies it explicitly";
    case DenialReason::deny_session_policy:
      return "the session policy denies it explicitly";
    case DenialReason::deny_service_control:
      return "a service control policy (SCP) denies it explicitly";
    case DenialReason::deny_resource_control:
      return "a resource control policy (RCP) denies it explicitly";
    case DenialReason::deny_endpoint_policy:
      return "the VPC endpoint policy denies it";
    case DenialReason::explicit_deny:
      return "some policy denies it explicitly";
  }
  return "";
}

std::string_view key_of(DenialReason reason) {
  constexpr std::array<std::string_view, 17> kKeys{"not_said",
                                                   "encoded",
                                                   "no_identity_policy",
                                                   "no_resource_policy",
                                                   "no_boundary",
                                                   "no_session_policy",
                                                   "no_service_control",
                                                   "no_resource_control",
                                                   "no_endpoint_policy",
                                                   "deny_identity_policy",
                                                   "deny_resource_policy",
                                                   "deny_boundary",
                                                   "deny_session_policy",
                                                   "deny_service_control",
                                                   "deny_resource_control",
                                                   "deny_endpoint_policy",
                                                   "explicit_deny"};
  return kKeys[static_cast<size_t>(reason)];
}

bool is_explicit_deny(DenialReason reason) {
  return reason >= DenialReason::deny_identity_policy;
}

DenialMessage parse_denial(std::string_view code, std::string_view message) {
  constexpr std::array<std::string_view, 3> kUserEnds{" is not authorized", " is not allowed", " "};
  constexpr std::array<std::string_view, 6> kActionEnds{
      " on resource", " on the resource", " because", " with an explicit", " ", "\n"};
  constexpr std::array<std::string_view, 4> kResourceEnds{" because ", " with an explicit ",
                                                          ". Encoded", "\n"};
  DenialMessage denial;
  denial.reason = reason_of(code, to_lower(message));
  denial.user = between(message, "User: ", kUserEnds);
  for (const std::string_view marker :
       {"authorized to perform: ", "authorized to perform ", "authorized to perform action "}) {
    const auto action = between(message, marker, kActionEnds);
    if (action.find(':') == std::string_view::npos) continue;
    denial.action = action;
    break;
  }
  denial.resource = between(message, "on resource: ", kResourceEnds);
  denial.encoded = between(message, "Encoded authorization failure message: ",
                           std::array<std::string_view, 2>{" ", "\n"});
  return denial;
}

std::string iam_action(std::string_view event_source, std::string_view event_name) {
  constexpr std::array<std::string_view, 2> kDomains{".amazonaws.com", ".amazonaws.com.cn"};
  for (const auto domain : kDomains)
    if (event_source.ends_with(domain)) {
      event_source.remove_suffix(domain.size());
      break;
    }
  if (event_source.empty() || event_name.empty() || event_source == "signin") return {};
  const std::string_view prefix = renamed(kPrefixes, event_source);
  std::string_view name = without_version(event_name);
  if (prefix == "s3") name = renamed(kS3Actions, name);
  if (prefix == "lambda") name = renamed(kLambdaActions, name);
  return fmt::format("{}:{}", prefix, name);
}

std::string_view short_name(std::string_view arn) {
  constexpr std::string_view kSession = ":assumed-role/";
  if (!arn.starts_with("arn:")) return arn;
  if (const size_t at = arn.find(kSession); at != std::string_view::npos) {
    arn.remove_prefix(at + kSession.size());
    return arn.substr(0, arn.find('/'));
  }
  const size_t slash = arn.rfind('/');
  if (slash != std::string_view::npos) return arn.substr(slash + 1);
  return arn.substr(arn.rfind(':') + 1);
}

bool is_role(std::string_view arn) {
  return arn.starts_with("arn:") && (arn.find(":assumed-role/") != std::string_view::npos ||
                                     arn.find(":role/") != std::string_view::npos);
}

}  // namespace cairn::diagnose
