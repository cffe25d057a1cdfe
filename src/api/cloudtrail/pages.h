// Pages of lists whose tokens say behind which element the next one begins, so that they survive
// elements that come and go.
#pragma once

#include "api/operation.h"
#include "api/page_tokens.h"
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

/// The page that the call's NextToken and MaxResults ask for, of a list whose elements have these
/// ids, in this order. Fails with InvalidNextTokenException for a token that the same operation did
/// not give to the same caller, or whose element is gone.
Result<Page> page_of(const Features& features, const Call& call,
                     const std::vector<std::string>& ids);

/// The tokens of the operation for its caller.
ListTokens page_tokens_of(const Features& features, const Call& call);

/// The place that the call's NextToken means, "" if it has none. Fails with
/// InvalidNextTokenException.
Result<std::string> place_of_token(const ListTokens& tokens, const Json& input);

}  // namespace cairn::api
