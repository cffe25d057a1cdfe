#include "api/cloudtrail/pages.h"

#include "base/check.h"

#include <algorithm>

namespace cairn::api {
namespace {

constexpr size_t kPageDefault = 1'000;

Error bad_page_token() {
  return Error{ErrorKind::invalid_argument, "The token is not valid.", "InvalidNextTokenException"};
}

}  // namespace

ListTokens page_tokens_of(const Features& features, const Call& call) {
  CAIRN_CHECK(features.page_tokens != nullptr);
  return {*features.page_tokens, call.operation, call.caller.arn, call.region};
}

Result<std::string> place_of_token(const ListTokens& tokens, const Json& input) {
  const auto token = input.find("NextToken");
  if (token == input.end() || token->is_null()) return std::string();
  auto place =
      token->is_string() ? tokens.open(token->get_ref<const std::string&>()) : std::nullopt;
  if (!place || place->empty()) return bad_page_token();
  return std::move(*place);
}

Result<Page> page_of(const Features& features, const Call& call,
                     const std::vector<std::string>& ids) {
  const auto tokens = page_tokens_of(features, call);
  const auto place = CAIRN_TRY(place_of_token(tokens, call.input));
  Page page;
  if (!place.empty()) {
    const auto after = std::find(ids.begin(), ids.end(), place);
    if (after == ids.end()) return bad_page_token();
    page.begin = static_cast<size_t>(after - ids.begin()) + 1;
  }
  const auto most = call.input.find("MaxResults");
  const size_t wanted = most == call.input.end() ? kPageDefault : most->get<size_t>();
  page.end = std::min(ids.size(), page.begin + wanted);
  if (page.end < ids.size()) page.next_token = tokens.seal(ids[page.end - 1]);
  return page;
}

}  // namespace cairn::api
