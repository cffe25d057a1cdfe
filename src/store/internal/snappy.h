// Decompression of Snappy's raw format, which some writers of manifests use.
// Source: google/snappy, format_description.txt.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace cairn::store {

/// Fails with `corrupt`, and with `exhausted` when the text is longer than `size_max`.
Result<std::string> unsnappy(std::string_view compressed, size_t size_max);

}  // namespace cairn::store
