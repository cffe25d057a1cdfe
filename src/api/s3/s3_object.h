// GetObject, HeadObject and what can be asked about an object.
#pragma once

#include "api/s3/s3_etags.h"
#include "api/s3/s3_request.h"
#include "api/service.h"
#include "aws/http_message.h"
#include "base/result.h"
#include "io/object_store.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::api {

inline constexpr size_t kKeyBytesMax = 1'024;  ///< S3's own

/// How answers of the S3 face are formed.
inline const Route kS3Route{.protocol = Protocol::s3};

struct ObjectWish {
  std::shared_ptr<io::ObjectStore> store{};
  EtagBook& etags;
  const S3Request& asked;
  const aws::ServerRequest& request;
};

/// With conditions, ranges, user metadata and `response-…` overrides. The caller may read it.
aws::ServerResponse get_object(const ObjectWish& wish);

/// S3's error document. `details`: more of its elements.
aws::ServerResponse s3_refusal(
    const aws::ServerRequest& request, int status, std::string code, std::string message,
    const std::vector<std::pair<std::string, std::string>>& details = {});

/// The error in S3's words.
aws::ServerResponse s3_refusal(const aws::ServerRequest& request, const Error& error);

}  // namespace cairn::api
