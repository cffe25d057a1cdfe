#include "api/cloudtrail/pages.h"

#include "api/cloudtrail/wire.h"
#include "base/base64.h"

#include <algorithm>

namespace cairn::api {
namespace {

constexpr size_t kPageDefault = 1'000;

}  // namespace

Result<Page> page_of(const Json& input, std::string_view list_name,
                     const std::vector<std::string>& ids) {
  Page page;
  const auto kind = std::string(list_name) + ' ';
  const auto token = text_of(input, "NextToken");
  if (!token.empty()) {
    const auto decoded = decode_base64(token);
    const auto after = decoded && decoded->starts_with(kind)
                           ? std::find(ids.begin(), ids.end(), decoded->substr(kind.size()))
                           : ids.end();
    if (after == ids.end())
      return Error{ErrorKind::invalid_argument, "The token is not valid.",
                   "InvalidNextTokenException"};
    page.begin = static_cast<size_t>(after - ids.begin()) + 1;
  }
  const auto most = input.find("MaxResults");
  const size_t wanted = most == input.end() ? kPageDefault : most->get<size_t>();
  page.end = std::min(ids.size(), page.begin + wanted);
  if (page.end < ids.size()) page.next_token = encode_base64(kind + ids[page.end - 1]);
  return page;
}

}  // namespace cairn::api
