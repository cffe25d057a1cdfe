// The forms of names and ARNs that trails take, with AWS's words for what does not fit. Pure.
// Source: CloudTrail API reference, CreateTrail; "Naming requirements for CloudTrail resources".
#pragma once

#include "base/result.h"
#include "trails/trail.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::trails {

Status check_trail_name(std::string_view name);

struct TrailId {
  std::string account{};
  std::string region{};
  std::string name{};
  bool from_arn = false;
};

/// A name (then of the scope's account and Region) or an ARN. Fails with InvalidTrailNameException
/// and CloudTrailARNInvalidException.
Result<TrailId> read_trail_id(std::string_view name_or_arn, const Scope& scope);

/// TrailNotFoundException, as an account is answered that knows of no such trail.
Error unknown_trail(const TrailId& id, const Scope& scope);

/// S3BucketDoesNotExistException.
Error unknown_bucket(std::string_view name);
/// InsufficientS3BucketPolicyException.
Error closed_bucket(std::string_view name);

/// Fails with InvalidS3BucketNameException.
Status check_bucket_name(std::string_view name);
/// Fails with InvalidS3PrefixException.
Status check_prefix(std::string_view prefix);
/// Fails as check_prefix(), also if `AWSLogs` is in the prefix: log files of other accounts could
/// be feigned with it. Trails of earlier versions may have such prefixes.
Status check_new_prefix(std::string_view prefix);
/// A topic's name, or its ARN.
Status check_topic(std::string_view topic);

/// The fully qualified form of a key's id, alias or ARN. Fails with InvalidKmsKeyIdException.
Result<std::string> qualified_kms_key(std::string_view key, const Scope& scope);

/// Both or neither; the group must be of the scope's account and Region. Fails with
/// InvalidCloudWatchLogsLogGroupArnException, with InvalidCloudWatchLogsRoleArnException, also if
/// only the role is missing, and with InvalidParameterCombinationException.
Status check_log_group(std::string_view group_arn, std::string_view role_arn, const Scope& scope);

/// NAME of `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`; nullopt for other texts.
std::optional<std::string> log_group_name(std::string_view arn);

/// "aws", "aws-cn", "aws-us-gov": which cloud a Region's ARNs name.
std::string_view partition_of(std::string_view region);

}  // namespace cairn::trails
