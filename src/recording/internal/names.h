// ARNs of stores and channels, and who is refused how.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::recording::internal {

struct ResourceArn {
  std::string region{};
  std::string account{};
  std::string type{};  ///< "eventdatastore", "channel", …
  std::string id{};
};

/// `arn:PARTITION:cloudtrail:REGION:ACCOUNT:TYPE/ID`
std::optional<ResourceArn> parse_arn(std::string_view text);

std::string make_arn(std::string_view region, std::string_view account, std::string_view type,
                     std::string_view id);

bool is_uuid(std::string_view text);

Error refused(std::string message, std::string_view code);
Error missing(std::string message, std::string_view code);

}  // namespace cairn::recording::internal
