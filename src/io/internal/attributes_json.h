// The attributes of an object in a folder, as the file beside it holds them.
#pragma once

#include "base/result.h"
#include "io/object_store.h"

#include <string>
#include <string_view>

namespace cairn::io::internal {

/// A flat JSON object: user metadata, `Content-Type` and `Content-Encoding`.
std::string attributes_json(const ObjectAttributes& attributes);

/// Fails with `corrupt`.
Result<ObjectAttributes> parse_attributes(std::string_view text);

}  // namespace cairn::io::internal
