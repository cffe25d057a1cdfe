// The input of an operation out of a request, as each protocol writes it.
#pragma once

#include "api/service.h"
#include "aws/http_message.h"
#include "base/result.h"

#include <string_view>

namespace cairn::api {

inline constexpr int kInputDepthMax = 64;  ///< nesting of JSON

/// An object; not yet checked against a shape. `body`: the request's, decoded. Fails with
/// SerializationException.
Result<Json> decode_input(const Route& route, const aws::ServerRequest& request,
                          std::string_view body);

}  // namespace cairn::api
