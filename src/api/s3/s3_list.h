// ListObjects, versions 1 and 2, and ListObjectVersions, over a store.
#pragma once

#include "api/page_tokens.h"
#include "api/s3/s3_etags.h"
#include "api/s3/s3_request.h"
#include "api/s3/s3_sight.h"
#include "base/result.h"
#include "io/object_store.h"

#include <cstdint>
#include <string>

namespace cairn::api {

/// So much is read for the ETags of one page; then the page ends, which S3 lets pages do.
inline constexpr uint64_t kPageReadBytesMax = 256 << 20;

struct Listed {
  io::ObjectStore& store;
  const Sight& sight;
  EtagBook& etags;
  const ListTokens& tokens;
};

/// The answer's XML. What is not seen is not there. Fails with InvalidArgument.
Result<std::string> list_objects(const Listed& from, const S3Request& asked);

/// Buckets here keep one version of an object: "null", as S3 has it where versions are off.
Result<std::string> list_versions(const Listed& from, const S3Request& asked);

}  // namespace cairn::api
