// Pages of lists whose tokens say behind which element the next one begins, so that they survive
// elements that come and go.
#pragma once

#include "api/operation.h"
#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

struct Page {
  size_t begin = 0;
  size_t end = 0;
  std::string next_token{};  ///< "" on the last page
};

/// The page that the input's NextToken and MaxResults ask for, of a list whose elements have these
/// ids, in this order. A token of an element that is gone fails with InvalidNextTokenException.
Result<Page> page_of(const Json& input, std::string_view list_name,
                     const std::vector<std::string>& ids);

}  // namespace cairn::api
