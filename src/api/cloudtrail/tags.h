// Tags of trails, event data stores and channels.
#pragma once

#include "api/operation.h"
#include "aws/tags.h"

#include <string_view>

namespace cairn::api {

/// Returns the feature that has the resource, which must be one of the caller's home account and
/// Region. Fails with CloudTrailARNInvalidException, ResourceNotFoundException and
/// ResourceTypeNotSupportedException.
Result<aws::TaggedResources*> tag_owner(Features& features, const Call& call, std::string_view arn);

/// ResourceNotFoundException.
Error unknown_resource(std::string_view arn);

Result<Json> add_tags(Features& features, const Call& call);
Result<Json> remove_tags(Features& features, const Call& call);
Result<Json> list_tags(Features& features, const Call& call);

}  // namespace cairn::api
