// SQL expressions over the table `cloudtrail` that more than one feature needs, so that "management
// event" or "user name" means the same everywhere. DuckDB's SQL; columns are named without a table.
#pragma once

#include <string_view>

namespace cairn::query {

/// Management, Data, NetworkActivity, Insight, or whatever else the record says. Records before
/// eventVersion 1.08 have no eventCategory, those before 1.06 no managementEvent either: there the
/// data events of that time (S3 objects, Lambda invocations) are known by their names.
inline constexpr std::string_view kCategorySql =
    "CASE WHEN eventCategory IS NOT NULL THEN eventCategory"
    " WHEN eventType = 'AwsCloudTrailInsight' THEN 'Insight'"
    " WHEN eventType IN ('AwsVpceEvents', 'AwsVpceEvent') THEN 'NetworkActivity'"
    " WHEN managementEvent IS NOT NULL THEN"
    " CASE WHEN managementEvent THEN 'Management' ELSE 'Data' END"
    " WHEN eventSource = 's3.amazonaws.com' AND eventName IN ('AbortMultipartUpload',"
    " 'CompleteMultipartUpload', 'CopyObject', 'CreateMultipartUpload', 'DeleteObject',"
    " 'DeleteObjectTagging', 'DeleteObjects', 'GetObject', 'GetObjectAcl', 'GetObjectTagging',"
    " 'GetObjectTorrent', 'HeadObject', 'ListObjects', 'ListParts', 'PutObject', 'PutObjectAcl',"
    " 'PutObjectTagging', 'RestoreObject', 'SelectObjectContent', 'UploadPart', 'UploadPartCopy')"
    " THEN 'Data'"
    " WHEN eventSource = 'lambda.amazonaws.com' AND eventName = 'Invoke' THEN 'Data'"
    " ELSE 'Management' END";

/// The `Username` of LookupEvents: the user's name, of an assumed role or federated user the name
/// of the session, `root` for the root user of an account without an alias; NULL for AWS services.
inline constexpr std::string_view kUsernameSql =
    "CASE WHEN userIdentity.userName <> '' THEN userIdentity.userName"
    " WHEN userIdentity.type IN ('AssumedRole', 'FederatedUser') THEN"
    " nullif(CASE WHEN userIdentity.arn <> '' THEN regexp_extract(userIdentity.arn, '[^/]*$')"
    " ELSE regexp_extract(userIdentity.principalId, ':(.*)$', 1) END, '')"
    " WHEN userIdentity.type = 'Root' THEN 'root' END";

/// Who acted, with the sessions of one role folded into the role: an ARN where there is one, else
/// the service, else the principal id; NULL when the record tells nothing.
inline constexpr std::string_view kCallerSql =
    "CASE WHEN userIdentity.type = 'AssumedRole' THEN"
    " coalesce(nullif(userIdentity.sessionContext.sessionIssuer.arn, ''),"
    " nullif(regexp_replace(userIdentity.arn,"
    " '^arn:([^:]*):sts::([0-9]*):assumed-role/([^/]*)/.*$', 'arn:\\1:iam::\\2:role/\\3'), ''),"
    " nullif(userIdentity.principalId, ''))"
    " WHEN userIdentity.type = 'AWSService' THEN"
    " coalesce(nullif(userIdentity.invokedBy, ''), nullif(userIdentity.principalId, ''),"
    " 'AWS service')"
    " ELSE coalesce(nullif(userIdentity.arn, ''), nullif(userIdentity.userName, ''),"
    " nullif(userIdentity.principalId, ''), nullif(userIdentity.accountId, ''),"
    " nullif(userIdentity.invokedBy, '')) END";

}  // namespace cairn::query
