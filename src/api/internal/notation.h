// The notation of api/shape.h, read.
#pragma once

#include "api/shape.h"

#include <memory>
#include <string>

namespace cairn::api::internal {

/// Null when the pattern is none.
std::shared_ptr<const Pattern> compile_pattern(const std::string& text);

}  // namespace cairn::api::internal
