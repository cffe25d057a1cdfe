// What S3 can be asked about a bucket or an object besides its bytes: settings, most of which there
// are none of here. Said as S3 says it of a bucket that was made and never changed.
#pragma once

#include "api/s3/s3_request.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

/// An answer's XML, or S3's error.
struct SettingAnswer {
  int status = 200;
  std::string xml{};   ///< of 200
  std::string code{};  ///< of others
  std::string message{};
};

/// Of the parameters that name something else than a listing (`?acl`); nullopt: there is none.
/// `region`: of all buckets.
std::optional<SettingAnswer> bucket_setting(const S3Request& asked, std::string_view region);

/// As bucket_setting(), of an object that is there. `?attributes` is not answered here.
std::optional<SettingAnswer> object_setting(const S3Request& asked);

}  // namespace cairn::api
