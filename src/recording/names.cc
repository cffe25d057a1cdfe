#include "recording/internal/names.h"

#include "recording/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::recording::internal {
namespace {

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

}  // namespace

std::optional<ResourceArn> parse_arn(std::string_view text) {
  std::array<std::string_view, 5> parts;
  for (auto& part : parts) {
    const auto colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const auto slash = text.find('/');
  if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "cloudtrail" ||
      parts[3].empty() || parts[4].size() != 12 || slash == text.npos || slash + 1 == text.size())
    return std::nullopt;
  return ResourceArn{.region = std::string(parts[3]),
                     .account = std::string(parts[4]),
                     .type = std::string(text.substr(0, slash)),
                     .id = std::string(text.substr(slash + 1))};
}

std::string make_arn(std::string_view region, std::string_view account, std::string_view type,
                     std::string_view id) {
  return fmt::format("arn:{}:cloudtrail:{}:{}:{}/{}", partition_of(region), region, account, type,
                     id);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

Error refused(std::string message, std::string_view code) {
  return Error{ErrorKind::invalid_argument, std::move(message), code};
}

Error missing(std::string message, std::string_view code) {
  return Error{ErrorKind::not_found, std::move(message), code};
}

}  // namespace cairn::recording::internal

namespace cairn::recording {

Error unknown_store(std::string_view store) {
  return internal::missing(fmt::format("The event data store {} was not found.", store),
                           "EventDataStoreNotFoundException");
}

Error unknown_channel(std::string_view channel) {
  return internal::missing(fmt::format("The channel {} was not found.", channel),
                           "ChannelNotFoundException");
}

Error unknown_policy_owner(std::string_view arn) {
  return internal::missing(fmt::format("The resource {} was not found.", arn),
                           "ResourceNotFoundException");
}

}  // namespace cairn::recording
