// What AWS's service models say of CloudTrail's operations; the notation is that of api/shape.h.
#pragma once

#include <string_view>

namespace cairn::api {

extern const std::string_view kCloudTrailModel;      ///< JSON 1.1, version 2013-11-01
extern const std::string_view kCloudTrailDataModel;  ///< rest-json, version 2021-08-11

}  // namespace cairn::api
