// Denied calls: what the service's message says about who was denied what and why, and the IAM
// action that the call needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::diagnose {

/// Why a call was denied, as AWS's messages put it ("Troubleshoot access denied error messages" in
/// the IAM User Guide).
enum class DenialReason : uint8_t {
  not_said,
  encoded,               ///< only `aws sts decode-authorization-message` can tell
  no_identity_policy,    ///< "because no identity-based policy allows the … action"
  no_resource_policy,    ///< "because no resource-based policy allows …"
  no_boundary,           ///< "because no permissions boundary allows …"
  no_session_policy,     ///< "because no session policy allows …"
  no_service_control,    ///< "because no service control policy allows …"
  no_resource_control,   ///< "because no resource control policy allows …"
  no_endpoint_policy,    ///< "because no VPC endpoint policy allows …"
  deny_identity_policy,  ///< "with an explicit deny in an identity-based policy", and so on
  deny_resource_policy,
  deny_boundary,
  deny_session_policy,
  deny_service_control,
  deny_resource_control,
  deny_endpoint_policy,
  explicit_deny,  ///< an explicit deny in a policy that the message does not name
};

/// For people: "no identity-based policy allows it".
std::string_view describe(DenialReason reason);

/// For programs: "no_identity_policy".
std::string_view key_of(DenialReason reason);

/// A policy somewhere says no, so allowing it elsewhere does not help.
bool is_explicit_deny(DenialReason reason);

/// The texts point into the message.
struct DenialMessage {
  std::string_view user;      ///< behind "User:"
  std::string_view action;    ///< "s3:GetObject"; empty when the message names none
  std::string_view resource;  ///< an ARN, `*`, or what else the service wrote
  std::string_view encoded;   ///< the encoded authorization failure message
  DenialReason reason = DenialReason::not_said;
};

/// Reads "… is not authorized to perform: X on resource: Y because …" and its relatives.
DenialMessage parse_denial(std::string_view code, std::string_view message);

/// The IAM action that a recorded call needs: `monitoring.amazonaws.com` PutMetricData is
/// `cloudwatch:PutMetricData`, `Invoke20150331` loses its date, S3's ListObjects is
/// `s3:ListBucket`. Empty for services without IAM actions of their own (sign-in).
std::string iam_action(std::string_view event_source, std::string_view event_name);

/// `arn:aws:sts::1:assumed-role/R/session` and `arn:aws:iam::1:role/path/R` are "R", users
/// likewise; other text comes back as it is.
std::string_view short_name(std::string_view arn);

/// Whether `arn` is a role's or a role session's.
bool is_role(std::string_view arn);

}  // namespace cairn::diagnose
