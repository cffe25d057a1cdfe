// ListObjects, versions 1 and 2, over a store.
#pragma once

#include "api/s3/s3_request.h"
#include "base/result.h"
#include "io/object_store.h"

#include <functional>
#include <string>
#include <string_view>

namespace cairn::api {

/// The answer's XML. Objects that `visible` refuses are not there. Fails with InvalidArgument.
Result<std::string> list_objects(io::ObjectStore& store, const S3Request& asked,
                                 const std::function<bool(std::string_view key)>& visible);

/// S3's ETag of an object, without quotes: not the MD5 of its bytes, and of the form that says so.
std::string etag_of(const io::ObjectInfo& info);

}  // namespace cairn::api
